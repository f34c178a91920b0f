/** Why a text is no account id, in the words of NEAR's own parser; null when it is one. */
export function accountIdProblem(text: string): string | null {
  const length = Buffer.byteLength(text)
  if (length < 2) return 'the Account ID is too short'
  if (length > 64) return 'the Account ID is too long'
  let lastIsSeparator = true
  for (const [index, char] of [...text].entries()) {
    if ((char >= 'a' && char <= 'z') || (char >= '0' && char <= '9')) {
      lastIsSeparator = false
      continue
    }
    if (char !== '-' && char !== '_' && char !== '.')
      return `the Account ID contains an invalid character '${char}' at index ${index}`
    if (lastIsSeparator) return `the Account ID has a redundant separator '${char}' at index ${index}`
    lastIsSeparator = true
  }
  if (lastIsSeparator) return `the Account ID has a redundant separator '${text.at(-1)}' at index ${text.length - 1}`
  return null
}

export const isAccountId = (text: string): boolean => accountIdProblem(text) === null

/** 64 lower-case hex digits: the account of an Ed25519 key, created by the first transfer to it. */
export const isNearImplicit = (id: string): boolean => /^[0-9a-f]{64}$/.test(id)

/** `sub.parent` may be created by `parent` only. */
export const isSubAccountOf = (id: string, parent: string): boolean =>
  id.endsWith(`.${parent}`) && !id.slice(0, -parent.length - 1).includes('.')

export const isTopLevel = (id: string): boolean => !id.includes('.')

/** The pseudo account from which refunds come. */
export const SYSTEM_ACCOUNT = 'system'
