/**
 * How many of the RPC endpoints must agree before their answer is believed: more than half of them. With fewer, a
 * minority that lies could be believed while the honest majority says something else, and adding endpoints would add
 * ways to be lied to. The one place of this rule: both services' configs, the reader and the command line ask here.
 */

/** The smallest quorum that no minority can form: 1 of 1, 2 of 2, 2 of 3, 3 of 4. */
export function majorityOf(endpoints: number): number {
  return Math.floor(endpoints / 2) + 1
}

/** Why so many endpoints are no quorum, and what to do; undefined if they are one. */
export function quorumFault(quorum: number, endpoints: number): string | undefined {
  const least = majorityOf(endpoints)
  if (Number.isInteger(quorum) && quorum >= least && quorum <= endpoints) return undefined
  const expected = least === endpoints ? `${least}` : `${least} to ${endpoints}`
  const why = quorum > endpoints ? 'is more than there are' : 'is no majority, so that a minority could lie'
  return (
    `an RPC quorum of ${quorum} with ${endpoints} endpoint${endpoints === 1 ? '' : 's'} ${why}: expected ${expected}; ` +
    'set another quorum, or name more endpoints of different providers'
  )
}

/** What is to be said where there is nobody to contradict the only endpoint. */
export const ONE_ENDPOINT_IS_BELIEVED =
  'the only RPC endpoint is believed whatever it says: if it lies, it can name its own key as the receiver of the key ' +
  'shares; use endpoints of at least two different providers'
