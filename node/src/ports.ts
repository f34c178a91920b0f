import type { KeyForDomain, Keyset } from '@holdfast/protocol/contract-state.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Phase } from './phases/phase.ts'
import type { Peer } from './mesh/peer.ts'

/** Writes a file so that a crash leaves the old content or all of the new one. */
export type WriteFileDurably = (path: string, content: string) => Promise<void>

/** What this node knows now, from the newest final view. */
export interface KnowSituation {
  /** @throws HoldfastError `VIEW_STALE` if the newest view is older than the configured limit, or there is none yet. */
  phase(): Phase
}

/** Sends one request to one participant over the mesh. */
export interface AskPeer {
  /**
   * The peer's answer.
   * @throws HoldfastError `PEER_NOT_CONNECTED`, `PEER_TIMEOUT`, `PEER_CLOSED`, or `PEER_REFUSED` with the peer's own sentence
   */
  ask(
    participantId: number,
    type: string,
    body: Json,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<Json>
  /** The participants that are connected now. */
  connected(): Peer[]
}

/** A share, with its group key in near text and the commitments of the polynomial it lies on. */
export type StoredShare = { share: Keyshare; key: string; commitments: string[] | null }

/** The node's shares on disk. */
export interface KeepShares {
  /** Makes the share of an unconcluded attempt durable. @throws HoldfastError `SHARE_CONFLICT`, `DISK_FULL`, `STORAGE_FAILED` */
  storeTemporary(stored: StoredShare): Promise<void>
  /** The share of an unconcluded attempt, if this node finished it. */
  temporary(epochId: bigint, domainId: bigint, attemptId: bigint): Promise<StoredShare | undefined>
  /** Notes durably that an attempt is under way here. False if it was noted before: then its secrets are lost. */
  markStarted(epochId: bigint, domainId: bigint, attemptId: bigint): Promise<boolean>
  /**
   * Makes those temporary shares permanent whose attempts the contract has concluded, and removes what that makes
   * superfluous. Returns the domains that became permanent.
   * @throws HoldfastError as the acceptance rules say, `DISK_FULL`, `STORAGE_FAILED`
   */
  promote(keyset: Keyset): Promise<bigint[]>
  /**
   * Makes shares permanent that were proved against the keyset, all of them. The same shares again change nothing.
   * @throws HoldfastError as the acceptance rules say, `DISK_FULL`, `STORAGE_FAILED`
   */
  importShares(keyset: Keyset, shares: Keyshare[]): Promise<void>
  /** The same; but those that were not held before are kept on trial, across restarts too, until `settleTrial`. */
  importOnTrial(keyset: Keyset, shares: Keyshare[]): Promise<void>
  /**
   * Ends the trial of every share that is on trial, if any. Returns the domains that it was about.
   * @throws HoldfastError `DISK_FULL`, `STORAGE_FAILED`
   */
  settleTrial(verdict: 'keep' | 'destroy'): Promise<bigint[]>
  /** The permanent share for exactly this key, or undefined. Never touches the disk's content. */
  held(epochId: bigint, key: KeyForDomain): StoredShare | undefined
  /** Every permanent share, by domain id. */
  all(): StoredShare[]
}

/** What this node's share is asked to sign, and for whom. */
export type SigningRequest = {
  /** The account whose node asks; this node's own where its operator does. */
  coordinator: string
  domainId: bigint
  /** The group key, near text. */
  key: string
  message: Uint8Array
}

/** `why` is told to who asked: a clause, such as "its operator has not asked for this message". */
export type Verdict = { kind: 'agreed' } | { kind: 'declined'; why: string }

/** Decides whether this node's share may sign a message. */
export interface JudgeMessage {
  /** Never throws for what the policy itself runs into: whatever is not an agreement is `declined`. */
  judge(request: SigningRequest, signal: AbortSignal): Promise<Verdict>
  /** True where what `judge` agreed to does not hold any more. Left out by a policy whose word, once given, stands. */
  isTakenBack?(request: SigningRequest): boolean
}

/** Counts what the node does, for its metrics. It is told kinds and results, never keys, shares or messages. */
export interface CountWork {
  /** A signature that this node coordinated, and the milliseconds since it was asked for; `declined`: too few agreed. */
  signature(result: 'made' | 'failed' | 'declined', ms: number): void
  /** A signature share, or the commitment before it, that a peer asked for; `declined`: by this node's cosigning policy. */
  signatureShare(result: 'given' | 'refused' | 'declined'): void
  /** An attempt at a key ended here; `over`: the contract ended it first. */
  keyEventAttempt(kind: 'generate' | 'reshare', result: 'stored' | 'failed' | 'over'): void
  /** `refused`: the request was at fault; `failed`: this node was. */
  keyshareRequest(request: 'get' | 'put' | 'other', result: 'answered' | 'refused' | 'failed'): void
}
