/**
 * What the contract has to remember, in the words of TEE.md chapter 2: everything that a later call can depend on and
 * nothing else. All of it is immutable. Integers of 64 bits are bigints; times are nanoseconds since 1970.
 */
export interface Model {
  readonly config: Config
  /** The network as it is live; in any other phase than Running, as it was before. */
  readonly running: Running
  readonly phase: Phase
  /** In the order in which they showed themselves, the oldest first. */
  readonly candidates: ReadonlyMap<string, Candidate>
  readonly authorizations: ReadonlyMap<string, Authorization>
  readonly backupServices: ReadonlyMap<string, BackupService>
  readonly receipts: ReadonlyMap<string, Receipts>
  readonly migrations: ReadonlyMap<string, Destination>
  /** Until when an account may not ask for a recovery. */
  readonly cooldowns: ReadonlyMap<string, bigint>
  /** The node's signer key of every account that has recovered or migrated. */
  readonly signers: ReadonlyMap<string, string>
  /** Hashes of code, by who wants it deployed. */
  readonly updateVotes: ReadonlyMap<string, string>
  /** The incarnation with which an account left. */
  readonly left: ReadonlyMap<string, bigint>
}

export interface Config {
  readonly key_event_timeout_blocks: bigint
  readonly recovery_timeout_seconds: bigint
  readonly recovery_cooldown_seconds: bigint
  readonly authorization_default_seconds: bigint
}

export interface Node {
  readonly url: string
  readonly tls_public_key: string
}

export interface Participant extends Node {
  readonly account: string
  readonly id: number
  readonly incarnation: bigint
}

export interface Parameters {
  /** In the order of `state`. */
  readonly participants: readonly Participant[]
  readonly nextId: number
  readonly threshold: bigint
}

export type Protocol = 'CaitSith' | 'Frost' | 'ConfidentialKeyDerivation' | 'DamgardEtAl'

export interface Domain {
  readonly id: bigint
  readonly protocol: Protocol
  readonly reconstruction_threshold: bigint
  readonly purpose: string
}

export interface Key {
  readonly domain_id: bigint
  /** near text */
  readonly key: string
  readonly attempt: bigint
  readonly commitments: readonly string[] | null
}

export interface Running {
  readonly domains: readonly Domain[]
  readonly nextDomainId: bigint
  readonly epoch: bigint
  readonly keys: readonly Key[]
  readonly parameters: Parameters
  /** By account. */
  readonly proposals: ReadonlyMap<string, Proposal>
  /** By participant id. */
  readonly domainVotes: ReadonlyMap<number, readonly Domain[]>
  readonly burntEpoch: bigint | null
  readonly revision: bigint
}

export interface Proposal {
  readonly parameters: Parameters
  readonly perDomain: ReadonlyMap<bigint, bigint>
}

export type Phase =
  | { readonly kind: 'Running' }
  | { readonly kind: 'Recovery'; readonly recovering: ReadonlyMap<string, Recovering> }
  | {
      readonly kind: 'Initializing'
      /** With those that are being generated. */
      readonly domains: readonly Domain[]
      readonly nextDomainId: bigint
      readonly generated: readonly Key[]
      readonly event: KeyEvent
      readonly cancelVotes: ReadonlySet<number>
    }
  | {
      readonly kind: 'Resharing'
      readonly proposal: Proposal
      readonly reshared: readonly Key[]
      readonly event: KeyEvent
      readonly cancelVotes: ReadonlySet<string>
    }

export type PhaseKind = Phase['kind']
export type InPhase<Kind extends PhaseKind> = Extract<Phase, { kind: Kind }>

export interface KeyEvent {
  readonly epoch: bigint
  readonly domain: Domain
  readonly parameters: Parameters
  readonly instance: Attempt | null
  readonly nextAttempt: bigint
}

export interface Attempt {
  readonly id: bigint
  readonly startedIn: bigint
  /** The first block in which it is over. */
  readonly expiresOn: bigint
  readonly completed: ReadonlySet<number>
  /** What the first vote said. */
  readonly vote: { readonly key: string; readonly commitments: readonly string[] | null } | null
}

export interface Recovering {
  readonly participantId: number
  readonly node: Node
  readonly signer: string
  readonly requestedAt: bigint
  readonly expiresAt: bigint
  readonly delivered: { readonly keyset_digest: string; readonly at: bigint } | null
}

export interface Candidate extends Node {
  readonly signer: string
}

export interface Destination {
  readonly signer: string
  readonly node: Node
}

export interface Authorization {
  readonly tls: string
  readonly signer: string
  readonly expiresAt: bigint
}

export interface BackupService {
  readonly key: string
  readonly signer: string | null
}

export interface Receipt {
  readonly epoch_id: bigint
  readonly keyset_digest: string
  readonly ciphertext_sha256: string
  readonly kind: 'stored' | 'drilled'
  readonly at: bigint
}

export interface Receipts {
  readonly stored: Receipt | null
  readonly drilled: Receipt | null
}
