import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { Network } from './network/port.ts'

/** A node as the contract names it: where it serves key shares, and the one TLS key that may answer there. */
export type NodeAddress = { host: string; port: number; tlsPublicKey: Ed25519KeyText }

/** What one look at the chain gave. A look that failed is an observation too: the service goes on looking. */
export type Observation = { kind: 'view'; view: ContractView; network: Network } | { kind: 'trouble'; error: unknown }

export interface ObserveContract {
  /**
   * Looks at the final state again and again until `signal` aborts, then ends. Ending or throwing before that means that
   * nobody watches any more; the service treats it as fatal.
   */
  observe(signal: AbortSignal): AsyncIterable<Observation>
}

export interface FetchShares {
  /**
   * Asks the node for its shares of the keyset, given as the contract's own JSON, and resolves to the text that it gave,
   * decrypted and neither parsed nor proved. Nothing is written before the node's TLS key is the expected one. Rejects
   * when `signal` aborts.
   * @throws NodeRefusedError for any answer but 200; HoldfastError `PEER_*`, `NODE_ANSWER_*`, `DEADLINE_EXCEEDED`
   */
  fetchShares(node: NodeAddress, keyset: Json, signal: AbortSignal): Promise<string>
}

export interface DeliverShares {
  /**
   * Hands proved shares to the node; resolves once the node has answered 200. Idempotent. Errors as `fetchShares`, and
   * `DESTINATION_NEEDS_RESTART` where it takes none before it is started again, `DESTINATION_OTHER_KEY` where it cannot open them.
   */
  deliverShares(node: NodeAddress, shares: Keyshare[], signal: AbortSignal): Promise<void>
}

export interface ConfirmDelivery {
  /**
   * Tells the contract that the node with this TLS key has the shares of the keyset with this digest. Resolves too where
   * the contract answers that this recovery is over by now.
   * @throws HoldfastError `CONTRACT_REFUSED` and those of the chain
   */
  confirmDelivery(
    delivery: { tls_public_key: Ed25519KeyText; keyset_digest: string },
    signal: AbortSignal,
  ): Promise<void>
}

/** One sealed text: the text under a key made for it alone, and that key under the operator's keys. Two age files. */
export type Sealed = { data: Uint8Array; key: Uint8Array }

/** Encryption of what rests in a repository. */
export interface SealAtRest {
  /** Tells identities apart without loading any cryptography: SHA-256 over the identity, hex. It opens nothing. */
  identityId: string
  /** The public halves of everything that opens what is sealed, in age's text form. @throws HoldfastError `AGE_IDENTITY_INVALID` */
  recipients(): Promise<string[]>
  /** Encrypts text so that only the operator's post-quantum identities open it, and nobody once its `key` is destroyed. */
  seal(plaintext: string): Promise<Sealed>
  /** @throws HoldfastError `SNAPSHOT_UNDECRYPTABLE` */
  open(sealed: Sealed): Promise<string>
  /** Opens what format 1 sealed, straight to the identity. @throws HoldfastError `SNAPSHOT_UNDECRYPTABLE` */
  openDirect(ciphertext: Uint8Array): Promise<string>
}

export type PlaceFile = { name: string; bytes: number }

/**
 * Where snapshots are kept: a flat set of named files. What resolves is true of the place itself, not of a cache of this
 * process: a written file survives a power cut there. Every call may be repeated. Errors of every call: `PLACE_UNREACHABLE` (gone
 * or silent), `PLACE_REFUSED` (not allowed), `PLACE_MISSING` (no such directory or bucket), `PLACE_FAILED` (anything else).
 */
export interface Place {
  /** For people and for what is remembered of it; the same as long as the config names the same place. */
  readonly name: string
  /** True where a look costs nothing and needs no network. */
  readonly isLocal: boolean
  list(signal: AbortSignal): Promise<PlaceFile[]>
  /** @throws HoldfastError `PLACE_FILE_MISSING` */
  read(name: string, signal: AbortSignal): Promise<Uint8Array>
  /** Creates or replaces a file in one step, durably. @throws HoldfastError `PLACE_FULL` */
  write(name: string, content: Uint8Array, signal: AbortSignal): Promise<void>
  /** Removes a file and every earlier version that the place keeps of it. @throws HoldfastError `PLACE_LOCKED` */
  destroy(name: string, signal: AbortSignal): Promise<void>
  /** The contents that a file had or has, newest first, where the place keeps versions; else none. */
  versions(name: string, signal: AbortSignal): Promise<Uint8Array[]>
  /** Has the place itself refuse the removal of a file for some time from now, where that is asked of it. */
  protect(name: string, signal: AbortSignal): Promise<void>
  /** Removes what writes left behind that a crash cut off. */
  sweep(signal: AbortSignal): Promise<void>
}

/**
 * The file-system calls that the repository makes, one call each, so that a crash can be put between any two of them.
 * Errors are Node's own (`code` ENOENT, EEXIST, ENOSPC, EACCES …).
 */
export interface Files {
  list(directory: string): Promise<string[]>
  read(path: string): Promise<Uint8Array>
  /** Bytes of a plain file; undefined for anything else, or where it has gone. */
  size(path: string): Promise<number | undefined>
  /** Creates a file that must not exist yet, mode 0600. Not durable before `sync`. */
  create(path: string, content: Uint8Array): Promise<void>
  sync(path: string): Promise<void>
  /** Replaces `to` in one step. Durable only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
}
