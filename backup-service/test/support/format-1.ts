import { serializeContent } from '../../src/repository/snapshot-content.ts'
import type { DealtKeyset } from './dealt-keyset.ts'
import type { MemoryFiles } from './memory-files.ts'
import { OWNER } from './repository.ts'
import { contentOf, slotFor } from './stored.ts'

/** A snapshot as format 1 wrote it, sealed for `plainSeal`: the shares straight to the identity, an unsigned manifest beside. */
export function putFormat1(files: MemoryFiles, directory: string, dealt: DealtKeyset): void {
  const text = serializeContent(OWNER, contentOf(dealt))
  const slot = slotFor(dealt)
  files.put(`${directory}/${slot}.age`, Buffer.from(`sealed for plain ${text.length} ${text}`))
  files.put(`${directory}/${slot}.json`, Buffer.from('{"format":"holdfast/snapshot/1"}'))
}
