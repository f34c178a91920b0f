import type { Json } from '@holdfast/protocol/json.ts'

/** A node that takes part from the beginning, as `init` names it. */
export type FirstParticipant = { accountId: string; url: string; tlsKey: string }

/** The fewest participants that can decide, and so the fewest shares that sign: 60 %, and never one alone. */
export function leastGovernanceThreshold(participants: number): number {
  return Math.max(2, Math.ceil(participants * 0.6))
}

/** The arguments of the contract's `init`; participant ids follow the order given. */
export function initArguments(participants: readonly FirstParticipant[], threshold: number): { [name: string]: Json } {
  const rows = participants.map(({ accountId, url, tlsKey }, id) => [accountId, id, { url, tls_public_key: tlsKey }])
  return { parameters: { participants: { next_id: rows.length, participants: rows }, threshold } }
}
