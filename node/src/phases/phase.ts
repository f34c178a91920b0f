import type { DomainConfig, Keyset, PendingMigration } from '@holdfast/protocol/contract-state.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import type { KeyEventWork } from '../key-events/key-event-work.ts'

/** Why an account's current node must never run again (protocol.md 2.4.4). */
export type Supersession = 'account-recovers-as-another-node' | 'tls-key-replaced'

/** What the node does now; decided anew from every final view (protocol.md 4). */
export type Phase =
  | { kind: 'waitingForContract' }
  | { kind: 'submitCandidate' }
  | { kind: 'awaitingResharing' }
  | { kind: 'waitingForAuthorization'; missing: string }
  | { kind: 'authorizedKeysDiffer'; problem: string }
  | { kind: 'waitingForRunning'; claim: 'recovery'; state: 'Initializing' | 'Resharing' }
  | { kind: 'waitingForRunning'; claim: 'migration'; state: 'Initializing' | 'Resharing' | 'Recovery' }
  | { kind: 'waitingForOtherRecovery'; problem: string }
  | { kind: 'requestRecovery' }
  | AwaitingShares
  /** Takes part in a resharing that takes its account in; signs nothing before it is over. */
  | { kind: 'joining'; self: Participant; work: KeyEventWork }
  | ({ kind: 'participating' } & Participation)
  | { kind: 'superseded'; why: Supersession; found: string }

/** The account's new node, until it holds every share and the contract has concluded. */
export type AwaitingShares = {
  kind: 'awaitingShares'
  participantId: number
  keyset: Keyset
  /** Whether the operator has registered a backup service, which brings shares without being asked. */
  hasBackupService: boolean
} & Claim

/** What gives a node the right to its account's shares. */
export type Claim =
  /** `helpers` are participants that hold shares and could help to repair this node's. */
  | { claim: 'recovery'; requestedAt: bigint; helpers: Participant[] }
  /**
   * The present node still takes part with this very share, so nothing was lost that other nodes could be sure of helping
   * with: only the backup service brings it.
   */
  | { claim: 'migration' }

/** What a node that takes part works with. */
export type Participation = {
  self: Participant
  participants: Participant[]
  /** Participants other than this node that are not recovering. */
  active: Participant[]
  /** Accounts that are left out because they recover. */
  recovering: string[]
  /** Their new nodes, as they will take part: these may be helped, and are asked for nothing. */
  recoveringNodes: Participant[]
  /** The keys that sign now; while further keys are being generated, those that are concluded. */
  keyset: Keyset
  domains: DomainConfig[]
  /** The key event under way that asks something of this node, if any. */
  work: KeyEventWork | undefined
  participantsRevision: bigint
  /** The node that takes this one's place once the contract has concluded the planned move; until then this one goes on. */
  successor: PendingMigration['destination_node_info'] | undefined
}
