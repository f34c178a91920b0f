import type { FileLock } from '@holdfast/protocol/file-lock.ts'
import type { Place, SealAtRest } from '../ports.ts'
import { readChain } from './chain.ts'
import type { Finding } from './findings.ts'
import { ledgerOf, type Ledger } from './ledger.ts'
import type { Link } from './manifest.ts'
import type { OwnMemory } from './own-memory.ts'
import type { PlaceMemory, PlacesMemory, PlaceState } from './places-memory.ts'
import type { NoteSigner } from './signed-note.ts'
import type { Owner } from './snapshot.ts'

/** What a repository is made of. */
export type Parts = {
  owner: Owner
  signer: NoteSigner
  seal: SealAtRest
  places: readonly Place[]
  memory: OwnMemory
  /** How many places must hold a snapshot before it counts as stored. */
  durableCopies: number
  /** How long one act in one place may take: a place that hangs must not hold up the others for good. */
  deadlineMs: number
  /** Taken for every change, so that no two processes of this home sign the same number. */
  lock: () => Promise<FileLock>
}

/** What is known before any place is looked at. Changed in place by whoever holds the lock. */
export type Known = {
  links: Link[]
  gaps: number[]
  /** What is wrong with the service's own copy of the chain. */
  findings: Finding[]
  ledger: Ledger
  remembered: PlacesMemory
}

export async function recall({ owner, signer, memory }: Parts): Promise<Known> {
  const { links, gaps, findings } = readChain(owner, signer.publicKey, await memory.notes())
  return { links, gaps, findings, ledger: ledgerOf(links), remembered: await memory.places() }
}

/** Takes a longer chain into account. */
export function learn(known: Known, links: Link[]): void {
  known.links = links
  known.ledger = ledgerOf(links)
}

/** What is remembered of a place; nothing good of one that was never seen. */
export function rememberedOf({ remembered }: Known, name: string): PlaceMemory {
  return (
    remembered.places.get(name) ?? {
      state: 'behind',
      sinceMs: Date.now(),
      checkedAtMs: 0,
      reason: 'it was not looked at yet',
      confirmed: 0,
      whole: [],
    }
  )
}

/** Notes how a place is; `since` stays as long as its state does. */
export function noteState(known: Known, name: string, state: PlaceState, reason: string | null): void {
  const before = rememberedOf(known, name)
  const nowMs = Date.now()
  known.remembered.places.set(name, {
    ...before,
    state,
    reason,
    sinceMs: before.state === state && before.checkedAtMs > 0 ? before.sinceMs : nowMs,
    checkedAtMs: nowMs,
  })
}
