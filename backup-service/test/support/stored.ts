import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { slotOf, type ReceivedShares } from '../../src/repository/snapshot.ts'
import type { SnapshotContent } from '../../src/repository/snapshot-content.ts'
import { dealKeyset, type DealtKeyset } from './dealt-keyset.ts'
import { MemoryFiles } from './memory-files.ts'
import { OWNER, repositoryOn } from './repository.ts'

export const older = dealKeyset({ epochId: 4n })
export const live = dealKeyset()
export const superseded = dealKeyset({ attempt: 1n })

/** Small ones, for tests that store very often. */
export const small = {
  older: dealKeyset({ epochId: 4n, domains: ['Ed25519'], threshold: 2 }),
  live: dealKeyset({ domains: ['Ed25519'], threshold: 2 }),
}

export function contentOf({ keyset, sharesOf }: DealtKeyset, participantId = 0): SnapshotContent {
  return { keyset, participantId, keyshares: sharesOf(participantId) }
}

export function receivedOf(dealt: DealtKeyset): ReceivedShares {
  return { ...contentOf(dealt), keyshares: serializeKeyshares(dealt.sharesOf(0)) }
}

export function slotFor({ keyset }: DealtKeyset): string {
  return slotOf(OWNER, keyset, 0)
}

/** Files in which a repository holds these. */
export async function holding(...dealt: DealtKeyset[]): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  for (const one of dealt) await repositoryOn(files).store(receivedOf(one), new AbortController().signal)
  return files
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
