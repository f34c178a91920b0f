import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { parseFileName } from './file-names.ts'
import { noMemory, parsePlacesMemory, PLACES_FILE, serializePlacesMemory, type PlacesMemory } from './places-memory.ts'

/**
 * What a service knows of its repository by itself: every manifest that it ever signed, written here before any place gets it, and
 * how the places were. That is how removal and rollback in a place are told from what was never written there, and why
 * no number is ever signed twice.
 */
export type OwnMemory = {
  notes(): Promise<Map<string, Uint8Array>>
  keepNote(name: string, bytes: Uint8Array): Promise<void>
  places(): Promise<PlacesMemory>
  keepPlaces(memory: PlacesMemory): Promise<void>
  /** Removes what a crash cut off. */
  sweep(): Promise<void>
}

/** Keeps it in a directory of the home: `store` is that directory. */
export function ownMemoryIn(store: Place): OwnMemory {
  const always = new AbortController().signal
  let written: string | undefined
  return {
    async notes() {
      const notes = new Map<string, Uint8Array>()
      for (const { name } of await store.list(always)) {
        if (parseFileName(name).kind !== 'manifest') continue
        const content = await readIfThere(name)
        if (content !== undefined) notes.set(name, content)
      }
      return notes
    },
    keepNote: (name, bytes) => store.write(name, bytes, always),
    async places() {
      const content = await readIfThere(PLACES_FILE)
      return content === undefined ? noMemory() : parsePlacesMemory(Buffer.from(content).toString())
    },
    async keepPlaces(memory) {
      const text = serializePlacesMemory(memory)
      if (text === written) return
      await store.write(PLACES_FILE, Buffer.from(text), always)
      written = text
    },
    sweep: () => store.sweep(always),
  }

  async function readIfThere(name: string): Promise<Uint8Array | undefined> {
    try {
      return await store.read(name, always)
    } catch (error) {
      if (isHoldfastError(error, 'PLACE_FILE_MISSING')) return undefined
      throw error
    }
  }
}
