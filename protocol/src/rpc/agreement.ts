import type { BlockReference } from './ports.ts'

/** The final head of the endpoint with this index. */
export type Head = { endpoint: number; block: BlockReference }

/** How far behind an agreed block an honest endpoint may be without being called lagging: a few seconds of blocks. */
export const LAG_BLOCKS = 10n

/**
 * The blocks worth asking about, newest first: those that at least `quorum` endpoints have reached. The quorum-th highest
 * head bounds them, so neither endpoints that lag nor one that claims a head in the clouds moves the choice. A block below
 * `floor`, the last one acted on, is never gone back to: the floor stands in for it; and nothing else of the floor's
 * height is possible.
 */
export function candidateBlocks(heads: readonly Head[], quorum: number, floor?: BlockReference): BlockReference[] {
  const reached = distinct(heads.map((head) => head.block)).filter(
    (block) => heads.filter((head) => head.block.height >= block.height).length >= quorum,
  )
  if (floor === undefined) return newestFirst(reached)
  const newer = reached.filter((block) => block.height > floor.height)
  return newer.length < reached.length ? [...newestFirst(newer), floor] : newestFirst(newer)
}

/**
 * True once heads still outstanding are not worth waiting for: enough are in, and the choice is near the newest of them
 * and not below the floor.
 */
export function headsSuffice(heads: readonly Head[], quorum: number, floor?: BlockReference): boolean {
  const heights = heads.map((head) => head.block.height).toSorted((a, b) => (a > b ? -1 : 1))
  const [newest, chosen] = [heights[0], heights[quorum - 1]]
  if (newest === undefined || chosen === undefined) return false
  return newest - chosen <= LAG_BLOCKS && chosen >= (floor?.height ?? 0n)
}

/** An answer about one block, as text that is equal exactly if the answers are. */
export type Vote = { endpoint: number; answer: string }

/** The answer that `quorum` endpoints gave, if there is one. */
export function agreedAnswer(votes: readonly Vote[], quorum: number): string | undefined {
  const counts = new Map<string, number>()
  for (const { answer } of votes) {
    const count = (counts.get(answer) ?? 0) + 1
    if (count >= quorum) return answer
    counts.set(answer, count)
  }
  return undefined
}

/** Endpoints that named different blocks of one height: at least one of them lies. */
export function contradictingHeads(heads: readonly Head[]): number[] {
  return heads
    .filter(({ block }) => heads.some(({ block: other }) => other.height === block.height && !sameBlock(other, block)))
    .map(({ endpoint }) => endpoint)
}

/** True if both name the same hash, height and time. */
export function sameBlock(a: BlockReference, b: BlockReference): boolean {
  return a.hash === b.hash && a.height === b.height && a.timestampMs === b.timestampMs
}

function distinct(blocks: readonly BlockReference[]): BlockReference[] {
  return blocks.filter((block, index) => blocks.findIndex((other) => sameBlock(other, block)) === index)
}

function newestFirst(blocks: readonly BlockReference[]): BlockReference[] {
  return blocks.toSorted((a, b) => (a.height > b.height ? -1 : a.height < b.height ? 1 : 0))
}
