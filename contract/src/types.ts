import type { U64 } from './u64.ts'

/** State as it is kept. Names and shapes are those of the JSON views wherever a view shows them (protocol.md 2.1, 2.7). */
export interface NodeInfo {
  url: string
  tls_public_key: string
}

export interface ParticipantInfo extends NodeInfo {
  /** Grows by one whenever the TLS key is replaced. */
  incarnation: U64
}

export type Participant = [accountId: string, id: number, info: ParticipantInfo]

export interface Participants {
  next_id: number
  participants: Participant[]
}

export const PROTOCOLS = ['CaitSith', 'Frost', 'ConfidentialKeyDerivation', 'DamgardEtAl'] as const
export type Protocol = (typeof PROTOCOLS)[number]
export const PURPOSES = ['Sign', 'ForeignTx', 'CKD'] as const
export type Purpose = (typeof PURPOSES)[number]
export type Curve = 'Secp256k1' | 'Edwards25519' | 'Bls12381'

export interface DomainConfig {
  id: U64
  protocol: Protocol
  reconstruction_threshold: number
  purpose: Purpose
}

export interface Domains {
  domains: DomainConfig[]
  next_domain_id: U64
}

export type PublicKeyExtended =
  | { Secp256k1: { near_public_key: string } }
  | { Ed25519: { near_public_key_compressed: string; edwards_point: number[] } }
  | { Bls12381: { public_key: string } }

/** near/mpc's entry of a keyset. The commitments that the view adds have keys of their own in the ledger: they are long. */
export interface KeyForDomain {
  domain_id: U64
  key: PublicKeyExtended
  attempt: U64
}

/** Public points of the sharing polynomial in lower-case hex, lowest degree first; null for BLS. */
export type Commitments = string[] | null

export interface Keyset {
  epoch_id: U64
  domains: KeyForDomain[]
}

export interface KeyEventId {
  epoch_id: U64
  domain_id: U64
  attempt_id: U64
}

/** near/mpc's attempt without what was voted for, which the ledger keeps beside it as `outcome` as soon as somebody has voted. */
export interface KeyEventInstance {
  attempt_id: U64
  started_in: number
  /** The attempt no longer exists in this block and after it. */
  expires_on: number
  /** Ids of the participants that have voted, ascending. */
  completed: number[]
}

/** What the votes of an attempt are for. */
export interface KeyEventOutcome {
  public_key: PublicKeyExtended
  commitments: Commitments
}

/** near/mpc's key event without its `parameters`, which the view adds from the participants. */
export interface KeyEvent {
  epoch_id: U64
  domain: DomainConfig
  instance: KeyEventInstance | null
  next_attempt_id: U64
}

/** Decimal unix nanoseconds. */
export type Nanoseconds = string

export interface RecoveringNode {
  participant_id: number
  destination_node_info: NodeInfo
  signer_account_pk: string
  requested_at: Nanoseconds
  expires_at: Nanoseconds
  delivered: { keyset_digest: string; at: Nanoseconds } | null
}

export type ByAccount<T> = Record<string, T>

/** The protocol state proper: what differs between the states. What they share is beside it, each part under its own key. */
export type Phase =
  | { kind: 'Running' }
  | {
      kind: 'Recovery'
      /** No record expires before this moment: only from then on is it worth to look for one that has. */
      earliest_expiry: Nanoseconds
    }
  | { kind: 'Initializing'; generating_key: KeyEvent; cancel_votes: number[] }
  | {
      kind: 'Resharing'
      /** Its domain still has the reconstruction threshold of the present epoch, as with near/mpc. */
      resharing_key: KeyEvent
      /** The governance threshold of the epoch to come; its participants are the ledger's `prospective`. */
      threshold: number
      per_domain_thresholds: Thresholds
      /** Present participants that want it cancelled. */
      cancellation_requests: string[]
      joining: string[]
      leaving: string[]
    }

export interface Core {
  phase: Phase
  /** Governance threshold. */
  threshold: number
  participants_revision: U64
  previously_cancelled_resharing_epoch_id: U64 | null
}

/** New reconstruction thresholds by domain id, in the order of the domains; the other domains keep theirs. */
export type Thresholds = Record<string, number>

/** near/mpc's proposal for another epoch. */
export interface Proposal {
  parameters: { participants: Participants; threshold: number }
  per_domain_thresholds: Thresholds
}

/** Who has voted for which proposal: by the digest of its text, which is stored once however many vote for it. */
export type Ballot<Voter> = Record<string, Voter[]>

/** What calls need to know of all recoveries; each record has a key of its own. */
export interface RecoveryInBrief {
  tls_public_key: string
  expires_at: Nanoseconds
}

export interface Config {
  key_event_timeout_blocks: number
  recovery_timeout_seconds: number
  recovery_cooldown_seconds: number
  authorization_default_seconds: number
}

export interface Authorization {
  tls_public_key: string
  signer_account_pk: string
  expires_at: Nanoseconds
}

export interface BackupService {
  public_key: string
  signer_account_pk?: string
}

export const RECEIPT_KINDS = ['stored', 'drilled'] as const

/** What a backup service has reported. */
export interface Receipt {
  epoch_id: U64
  keyset_digest: string
  /** Of the encrypted file in the repository, lower-case hex. */
  ciphertext_sha256: string
  kind: (typeof RECEIPT_KINDS)[number]
  at: Nanoseconds
}

/** The newest receipt of each kind that an account's backup service has reported. */
export type Receipts = Record<Receipt['kind'], Receipt | null>

/** When an account's last receipts of the live keyset came: of a stored backup (a drill is one), and of a drill. */
export type ReceiptTimes = [stored_at: Nanoseconds, drilled_at: Nanoseconds | null]

/** What receipts are about: the keyset of the running state, or of the previous one, and what its domains need. */
export interface LiveKeyset {
  epoch_id: U64
  keyset_digest: string
  domains: { domain_id: U64; reconstruction_threshold: number }[]
}

/** The node that is to take a participant's place over in a planned move; near/mpc's `DestinationNodeInfo`. */
export interface MigratingNode {
  signer_account_pk: string
  destination_node_info: NodeInfo
}

export interface Candidate extends NodeInfo {
  signer_account_pk: string
}

/** What is remembered of an account besides its place among the participants. */
export interface Identity {
  /** Signer key of the node that took the place over; null as long as the account never recovered or migrated. */
  signer_account_pk: string | null
  /** No new recovery before this moment. */
  cooldown_until: Nanoseconds | null
}
