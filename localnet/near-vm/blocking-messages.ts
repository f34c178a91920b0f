import type { MessagePort } from 'node:worker_threads'
import type { NearVmCall } from './messages.ts'

/** What the blocking client hands to its thread. */
export interface BlockingStart {
  readonly program: string
  readonly cache: string
  readonly port: MessagePort
  /** Set to 1 after an answer was posted. */
  readonly answered: Int32Array
}

export type BlockingRequest =
  | { readonly kind: 'load'; readonly wasm: Uint8Array }
  | { readonly kind: 'call'; readonly call: NearVmCall }
  /** Not answered: the thread ends. */
  | { readonly kind: 'close' }

export type BlockingAnswer =
  { readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'failed'; readonly message: string }
