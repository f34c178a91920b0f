/** How a post-quantum hybrid recipient of age 1.3 starts. */
export const RECIPIENT_PREFIX = 'age1pq1'

/**
 * Why a text cannot be a further recipient, or undefined where it can. age refuses to mix the two kinds too: one classical
 * recipient would give up the post-quantum protection of the whole file.
 */
export function recipientFault(text: string): string | undefined {
  if (/^age1pq1[02-9ac-hj-np-z]{100,4000}$/.test(text)) return undefined
  if (/^age1[02-9ac-hj-np-z]+$/.test(text))
    return 'a classical recipient, which would give up the post-quantum protection'
  return 'no recipient'
}
