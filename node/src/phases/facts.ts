import type { NodeAuthorization, PendingMigration, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

/** The node's own side of the decision. */
export type OwnFacts = {
  accountId: string
  url: string
  tlsKey: Ed25519KeyText
  signerKey: Ed25519KeyText
  /** True once this node took part under this TLS key: from then on, losing the account's place means being replaced. */
  tookPart: boolean
  /** The incarnation that the recovery or move makes which this node was about to conclude; it may have gone through unseen. */
  concludesAs: bigint | undefined
}

/** A node's record among the contract's candidates. */
export type Candidate = { url: string; tlsKey: string; signerKey: string }

/** What the contract says, at one final block; `neededFact` says when the last two matter. */
export type ContractFacts = {
  state: ProtocolState
  nowNs: bigint
  /** The account's planned move, and whether it has a backup service. */
  migration: PendingMigration | null
  hasBackupService: boolean
  authorization: NodeAuthorization
  candidate: Candidate | undefined
}
