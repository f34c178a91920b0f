import type { Link, NamedFile, SnapshotEntry } from './manifest.ts'

/** A snapshot that a repository holds, and since when the contract has shown it superseded, if it has. */
export type Held = { sequence: number; entry: SnapshotEntry; supersededAtMs: number | undefined }

/** Snapshots that are being destroyed. `receipt`: the number of the manifest that says it is done. */
export type Shred = { sequence: number; slots: string[]; files: NamedFile[]; receipt: number | undefined }

/** What a chain adds up to. */
export type Ledger = {
  newest: { sequence: number; hash: string } | undefined
  /** By slot. */
  held: Map<string, Held>
  shreds: Shred[]
  /** Every slot that was given up, for good. */
  shreddedSlots: Set<string>
}

/** Adds up the manifests of one chain, oldest first. */
export function ledgerOf(links: readonly Link[]): Ledger {
  const ledger: Ledger = { newest: undefined, held: new Map(), shreds: [], shreddedSlots: new Set() }
  for (const { hash, manifest } of links) {
    const { sequence, entry } = manifest
    ledger.newest = { sequence, hash }
    switch (entry.kind) {
      case 'snapshot':
        ledger.held.set(entry.slot, { sequence, entry, supersededAtMs: ledger.held.get(entry.slot)?.supersededAtMs })
        ledger.shreddedSlots.delete(entry.slot)
        break
      case 'retention':
        for (const slot of entry.superseded) markSuperseded(ledger, slot, entry.blockTimeMs)
        for (const slot of entry.liveAgain) markSuperseded(ledger, slot, undefined)
        break
      case 'shredding':
        ledger.shreds.push({ sequence, slots: entry.slots, files: entry.files, receipt: undefined })
        for (const slot of entry.slots) {
          ledger.held.delete(slot)
          ledger.shreddedSlots.add(slot)
        }
        break
      case 'shredded':
        for (const shred of ledger.shreds) if (shred.sequence === entry.begun) shred.receipt = sequence
        break
      default:
        entry satisfies never
        throw new TypeError('unknown entry')
    }
  }
  return ledger
}

/** The first look that showed it superseded counts, unless one in between showed it live. */
function markSuperseded({ held }: Ledger, slot: string, atMs: number | undefined): void {
  const found = held.get(slot)
  if (found === undefined) return
  held.set(slot, { ...found, supersededAtMs: atMs === undefined ? undefined : (found.supersededAtMs ?? atMs) })
}
