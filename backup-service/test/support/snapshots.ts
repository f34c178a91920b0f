import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { slotOf, storedKeys, type Snapshot } from '../../src/repository/snapshot.ts'
import { ALICE, CONTRACT } from './views.ts'

/** What the repository says of a stored keyset of alice's; no files are behind it. */
export function snapshotOf(keyset: Keyset, participantId: number): Snapshot {
  const slot = slotOf({ accountId: ALICE, contractId: CONTRACT }, keyset, participantId)
  const file = { sha256: 'c1'.repeat(32), bytes: 1 }
  return {
    slot,
    sequence: 1,
    epochId: keyset.epoch_id,
    participantId,
    keysetDigest: keysetDigest(keyset),
    keys: storedKeys(keyset),
    provedGenuine: true,
    data: { file: `${slot}.00000000.age`, ...file },
    key: { file: `${slot}.00000000.key.age`, ...file },
    ciphertextSha256: file.sha256,
    recipients: [],
    verifiedAtMs: 0,
    places: ['a'],
    supersededAtMs: undefined,
  }
}
