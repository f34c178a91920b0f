import type { ContractCache } from '../vm/contract-cache.ts'

/** The block in which receipts run. */
export type BlockContext = {
  readonly height: number
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly epochHeight: number
  readonly randomValue: Uint8Array
  readonly contracts: ContractCache
}
