import type { Participation } from '../phases/phase.ts'

/** `left_out`: connected, but its clock or its view of the chain is off; `recovering`: its shares are not back yet. */
export const PEER_STATES = ['connected', 'left_out', 'recovering', 'away'] as const
export type PeerState = (typeof PEER_STATES)[number]

/** How each other participant is seen from here, by account. The mesh is asked for accounts only. */
export function peerStates(
  { self, participants, recovering }: Participation,
  connected: ReadonlySet<string>,
  leftOut: ReadonlySet<string>,
): [accountId: string, state: PeerState][] {
  const accounts = participants.map(({ accountId }) => accountId).filter((account) => account !== self.accountId)
  return accounts.map((account) => {
    if (recovering.includes(account)) return [account, 'recovering']
    if (connected.has(account)) return [account, 'connected']
    return [account, leftOut.has(account) ? 'left_out' : 'away']
  })
}
