import { createHash } from 'node:crypto'

/** Numbers from 0 to below 1 that depend on the seed alone, so that a run can be replayed. */
export function randomFrom(seed: number): () => number {
  let step = 0
  return () => {
    const digest = createHash('sha256').update(`${seed}:${step++}`).digest()
    return digest.readUInt32BE(0) / 2 ** 32
  }
}
