/**
 * A u64 as the contract holds it: a number where that is exact, a bigint above 2^53 - 1. The form is canonical, so `===`
 * compares values.
 */
export type U64 = number | bigint

const U64_MAX = 18446744073709551615n

/** The canonical form, or null if the value is no u64. */
export function toU64(value: unknown): U64 | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null
  if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) return null
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** value + 1; a u64 that is full stays where it is, which no counter of this contract can reach. */
export function increment(value: U64): U64 {
  return toU64(BigInt(value) + 1n) ?? value
}

/** Eight bytes, little endian, as borsh has it. */
export function u64Bytes(value: U64): number[] {
  // Nearly every number is small, and big integers are dear.
  if (typeof value === 'number' && value < 2 ** 32) return [...u32Bytes(value), 0, 0, 0, 0]
  const bytes: number[] = []
  let rest = BigInt(value)
  for (let i = 0; i < 8; i++) {
    bytes.push(Number(rest & 255n))
    rest >>= 8n
  }
  return bytes
}

/** Four bytes, little endian. */
export function u32Bytes(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255]
}
