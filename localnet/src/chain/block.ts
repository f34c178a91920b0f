import { hashText, sha256, toBase58, utf8 } from '../primitives/bytes.ts'
import type { Snapshot } from '../state/world.ts'

/** A block and the state after it. */
export type Block = {
  readonly height: number
  /** Counts blocks without the heights that a fast-forward skipped. */
  readonly ordinal: number
  readonly hash: string
  readonly prevHash: string
  readonly prevHeight: number | null
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly randomValue: Uint8Array
  readonly gasUsed: number
  readonly tokensBurnt: bigint
  readonly hasTransactions: boolean
  readonly state: Snapshot
}

/** Stands in for a hash that this chain does not compute: stable, distinct, and of the right form. */
export const standInHash = (block: Pick<Block, 'hash'>, what: string): string => hashText(utf8(`${what} ${block.hash}`))

type Facts = Omit<Block, 'hash' | 'randomValue'>

/** Names a block: its hash covers its place in the chain and the chain's seed. */
export function sealBlock(facts: Facts, seed: Uint8Array): Block {
  const text = `${facts.prevHash} ${facts.height} ${facts.timestamp} ${facts.gasUsed}`
  const hash = sha256(seed, utf8(text))
  return { ...facts, hash: toBase58(hash), randomValue: sha256(hash, utf8('random')) }
}
