import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Claim } from './claims.ts'

/** Where an operator's new node is, and the keys that it has. Keys and url are the contract's own. */
type Asked = { tlsPublicKey: Ed25519KeyText; url: string; signerKey: Ed25519KeyText }

/** What the contract shows of a delivery: the digest of the keyset, and when, by block time in milliseconds. */
export type ShownDelivery = { keysetDigest: string; atMs: number }

/**
 * That the contract names a node which is to be given this operator's shares. A recovery is the state of the protocol and
 * tells itself from an earlier one by `requestedAt` (nanoseconds); a migration is a record beside the state, without a date.
 */
export type RestoreRequest = Asked &
  (
    | { claim: 'recovery'; participantId: number; requestedAt: bigint; delivered: ShownDelivery | null }
    /** `paused`: it stands, and nothing may be delivered for it while the protocol does something else. */
    | { claim: 'migration'; standing: 'open' | 'paused' }
  )

/** What a delivery is confirmed by, beside the node's 200: a call of the contract, or the node's own answer to a GET. */
export type Confirmation = 'call' | 'read-back'

/** Everything that is so on one network and otherwise on another. Knowledge only: nothing here reads or writes anything. */
export interface Network {
  readonly kind: 'holdfast' | 'near-mpc'
  /** As people read it: `holdfast`, `near-mpc 3.14.1`. */
  readonly label: string
  /** The one request for the account's shares that this view shows, or undefined. */
  restoreRequest(view: ContractView, accountId: string): RestoreRequest | undefined
  confirmationOf(claim: Claim): Confirmation
  /** Whether the contract takes receipts for what this view wants backed up. */
  takesReceipts(view: ContractView): boolean
  /** What the operator does so that the contract names `tlsKey` as the account's backup service: one clause of a sentence. */
  howToRegister(accountId: string, tlsKey: Ed25519KeyText): string
  /** What the operator does so that a new node of his may have the shares: one clause. */
  readonly howToAskForRestore: string
  /** What keeps a node that has its shares from concluding, and where the operator sees it: one clause. */
  readonly whatHindersConclusion: string
  /** What he does so that the node that the contract names does not get them after all: one clause. */
  howToWithdraw(claim: Claim): string
}

export interface IdentifyNetwork {
  /**
   * Which network's contract gave this view.
   * @throws HoldfastError `UNKNOWN_NETWORK` naming what was found; those of the chain
   */
  identify(view: ContractView, signal: AbortSignal): Promise<Network>
}
