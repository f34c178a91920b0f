import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { slotOf, storedKeys, type Snapshot } from '../../src/repository/snapshot.ts'
import { ALICE, CONTRACT } from './views.ts'

/** What the repository says of a stored keyset of alice's. */
export function snapshotOf(keyset: Keyset, participantId: number): Snapshot {
  return {
    slot: slotOf({ accountId: ALICE, contractId: CONTRACT }, keyset, participantId),
    epochId: keyset.epoch_id,
    participantId,
    keysetDigest: keysetDigest(keyset),
    keys: storedKeys(keyset),
    provedGenuine: true,
    ciphertextSha256: 'c1'.repeat(32),
    sealedFor: { recipient: '', identityId: '' },
    verifiedAtMs: 0,
  }
}
