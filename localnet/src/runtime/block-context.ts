import type { RunContract } from '../vm/ports.ts'

/** The block in which receipts run. */
export type BlockContext = {
  readonly height: number
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly epochHeight: number
  readonly randomValue: Uint8Array
  readonly engine: RunContract
}
