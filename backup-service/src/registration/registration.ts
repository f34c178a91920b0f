import { participantOf, participantsOfParameters } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

/** What the contract says of an operator's backup service. */
export type Registration =
  | { kind: 'not-initialized' }
  /** Neither takes part nor is about to: the contract would refuse to register anything for this account. */
  | { kind: 'not-participating' }
  | { kind: 'none' }
  | { kind: 'other-key'; found: Ed25519KeyText }
  /** `signerKey` as registered beside it; null on a contract that has none (near/mpc's), or where it was left out. */
  | { kind: 'registered'; signerKey: Ed25519KeyText | null }

/** How this view names the account's backup service, against the TLS key of ours. */
export function registrationOf(
  { state, migrationInfo }: Pick<ContractView, 'state' | 'migrationInfo'>,
  accountId: string,
  tlsKey: Ed25519KeyText,
): Registration {
  if (state.kind === 'NotInitialized') return { kind: 'not-initialized' }
  // In a resharing newcomers may register already (near-mpc.md 4.1).
  const isComing =
    state.kind === 'Resharing' &&
    participantsOfParameters(state.state.resharing_key.parameters).some((each) => each.accountId === accountId)
  if (participantOf(state, accountId) === undefined && !isComing) return { kind: 'not-participating' }
  const record = Object.hasOwn(migrationInfo, accountId) ? migrationInfo[accountId]?.[0] : undefined
  if (record === undefined || record === null) return { kind: 'none' }
  if (record.public_key !== tlsKey) return { kind: 'other-key', found: record.public_key }
  return { kind: 'registered', signerKey: record.signer_account_pk }
}

/** The registration in words, for who waits for it. */
export function describeRegistration(registration: Registration, accountId: string, contractId: string): string {
  switch (registration.kind) {
    case 'not-initialized':
      return `the contract ${contractId} is not initialised yet`
    case 'not-participating':
      return `${accountId} takes no part in the network of ${contractId}: check --account and --contract`
    case 'none':
      return `no backup service is registered for ${accountId} yet`
    case 'other-key':
      return `another backup service is registered for ${accountId}, with TLS key ${registration.found}`
    case 'registered':
      return `registered for ${accountId}`
    default:
      registration satisfies never
      throw new TypeError('unknown registration')
  }
}
