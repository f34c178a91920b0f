import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { readKeyshares, serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import { asInteger, asObject, type Owner, type ReceivedShares } from './snapshot.ts'

/** What one snapshot file holds, in clear: enough to prove and restore the shares without anything else. */
export type SnapshotContent = { keyset: Keyset; participantId: number; keyshares: Keyshare[] }

/** Parses what a node gave. @throws HoldfastError `INVALID_KEYSHARE`, `INVALID_JSON` */
export function parseReceived({ keyset, participantId, keyshares }: ReceivedShares): SnapshotContent {
  return { keyset, participantId, keyshares: readKeyshares(keyshares, "the node's key shares") }
}

/**
 * The text that is encrypted: near/mpc's permanent share file (`epoch_id`, `keyshares`; near-mpc reads it as it is) with
 * the keyset and its owner beside it.
 */
export function serializeContent(owner: Owner, { keyset, participantId, keyshares }: SnapshotContent): string {
  const head = stringifyJson({
    epoch_id: keyset.epoch_id,
    account_id: owner.accountId,
    contract_id: owner.contractId,
    participant_id: participantId,
    keyset,
  })
  return `${head.slice(0, -1)},"keyshares":${serializeKeyshares(keyshares)}}`
}

/**
 * Reads a decrypted snapshot.
 * @throws HoldfastError `SNAPSHOT_INVALID` where it is another owner's; those of the parsers. Never quotes the text.
 */
export function parseContent(owner: Owner, text: string, what: string): SnapshotContent {
  const json = asObject(parseJson(text, what), what)
  if (json['account_id'] !== owner.accountId || json['contract_id'] !== owner.contractId) {
    throw new HoldfastError(
      'SNAPSHOT_INVALID',
      `cannot use ${what}: it holds shares of ${name(json['account_id'])} at ${name(json['contract_id'])}, expected ` +
        `${owner.accountId} at ${owner.contractId}; check the repository in the config`,
    )
  }
  return {
    keyset: parseKeyset(json['keyset'] ?? null, `${what}: keyset`),
    participantId: asInteger(json['participant_id'], `${what}: participant_id`),
    keyshares: readKeyshares(stringifyJson(json['keyshares'] ?? null), what),
  }
}

/** Proves the shares against their keyset. True if each is genuine, false if some could only be compared with its group key. */
export function proveContent({ keyset, participantId, keyshares }: SnapshotContent): boolean {
  return proveKeyshares(keyshares, keyset, participantId).every(({ verdict }) => verdict === 'genuine')
}

function name(json: Json | undefined): string {
  return typeof json === 'string' ? json.slice(0, 64) : 'nobody'
}
