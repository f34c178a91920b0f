import { timingSafeEqual } from 'node:crypto'

/** Compares secrets without telling by its time where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
