import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

/** A node as the contract names it: where it serves key shares, and the one TLS key that may answer there. */
export type NodeAddress = { host: string; port: number; tlsPublicKey: Ed25519KeyText }

/** What one look at the chain gave. A look that failed is an observation too: the service goes on looking. */
export type Observation = { kind: 'view'; view: ContractView } | { kind: 'trouble'; error: unknown }

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
   * @throws HoldfastError `PEER_*`, `NODE_REFUSED`, `NODE_ANSWER_*`, `DEADLINE_EXCEEDED`
   */
  fetchShares(node: NodeAddress, keyset: Json, signal: AbortSignal): Promise<string>
}

export interface DeliverShares {
  /** Hands proved shares to the node; resolves once the node has answered 200. Idempotent. Errors as `fetchShares`. */
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

/** Encryption of what rests on disk. */
export interface SealAtRest {
  /** Tells identities apart without loading any cryptography: SHA-256 over the identity, hex. It opens nothing. */
  identityId: string
  /** The public half of the identity, in age's text form. @throws HoldfastError `AGE_IDENTITY_INVALID` */
  recipient(): Promise<string>
  /** Encrypts text so that only the operator's post-quantum identity opens it. */
  seal(plaintext: string): Promise<Uint8Array>
  /** @throws HoldfastError `SNAPSHOT_UNDECRYPTABLE` */
  open(ciphertext: Uint8Array): Promise<string>
}

/**
 * The file-system calls that the repository makes, one call each, so that a crash can be put between any two of them.
 * Errors are Node's own (`code` ENOENT, EEXIST, ENOSPC, EACCES …).
 */
export interface Files {
  list(directory: string): Promise<string[]>
  read(path: string): Promise<Uint8Array>
  /** Creates a file that must not exist yet, mode 0600. Not durable before `sync`. */
  create(path: string, content: Uint8Array): Promise<void>
  sync(path: string): Promise<void>
  /** Replaces `to` in one step. Durable only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
}
