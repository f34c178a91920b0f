import { createHash } from 'node:crypto'
import { parseKeyset, type KeyForDomain, type Keyset } from '@holdfast/protocol/contract-state.ts'
import type { StoredKey } from '@holdfast/protocol/coverage.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { keysetDigest, publicKeyText } from '@holdfast/protocol/keyset-digest.ts'

/** Whose shares a repository holds. */
export type Owner = { accountId: string; contractId: string }

/** Shares as a node gave them: the text is near/mpc's keyshare JSON, neither parsed nor proved. */
export type ReceivedShares = { keyset: Keyset; participantId: number; keyshares: string }

export type SealedFor = { recipient: string; identityId: string }

/** One verified set of shares: of one participant, for one keyset with its attempts and commitments. */
export type Snapshot = {
  /** File name without extension: equal for equal sets, different as soon as an attempt or a commitment differs. */
  slot: string
  epochId: bigint
  participantId: number
  keysetDigest: string
  keys: StoredKey[]
  /** False where some domain has no commitments, so that only its group key could be compared. */
  provedGenuine: boolean
  ciphertextSha256: string
  /** Which age identity opens it: its recipient for people, its id for a quick comparison. */
  sealedFor: SealedFor
  /** Milliseconds since the epoch. */
  verifiedAtMs: number
}

/** The slot of a set: its epoch in clear, and 32 hex digits over everything that tells sets apart. */
export function slotOf(owner: Owner, keyset: Keyset, participantId: number): string {
  const identity = [
    owner.contractId,
    owner.accountId,
    participantId,
    keyset.epoch_id,
    byDomain(keyset.domains).map(({ domain_id, attempt, key, commitments }) => [
      domain_id,
      attempt,
      publicKeyText(key),
      commitments,
    ]),
  ]
  return `epoch-${keyset.epoch_id}-${sha256(stringifyJson(identity)).slice(0, 32)}`
}

export function storedKeys(keyset: Keyset): StoredKey[] {
  return keyset.domains.map((domain) => ({ epochId: keyset.epoch_id, domain }))
}

/** The manifest beside a snapshot: public facts, so that coverage is known without decrypting. */
export function serializeManifest(owner: Owner, snapshot: Snapshot): string {
  const { keys, epochId, participantId, provedGenuine, ciphertextSha256, sealedFor, verifiedAtMs } = snapshot
  const domains = keys.map(({ domain }) => domain)
  return `${stringifyJson(
    {
      format: MANIFEST_FORMAT,
      account_id: owner.accountId,
      contract_id: owner.contractId,
      participant_id: participantId,
      keyset_digest: snapshot.keysetDigest,
      keyset: { epoch_id: epochId, domains },
      proved_genuine: provedGenuine,
      ciphertext_sha256: ciphertextSha256,
      age_recipient: sealedFor.recipient,
      age_identity_sha256: sealedFor.identityId,
      verified_at: new Date(verifiedAtMs).toISOString(),
    },
    2,
  )}\n`
}

/** Reads a manifest. @throws HoldfastError `MANIFEST_INVALID`, `INVALID_JSON`, `INVALID_STATE` */
export function parseManifest(owner: Owner, slot: string, text: string): Snapshot {
  const what = `the manifest ${slot}.json`
  const json = asObject(parseJson(text, what), what)
  const keyset = parseKeyset(json['keyset'] ?? null, `${what}: keyset`)
  const participantId = asInteger(json['participant_id'], `${what}: participant_id`)
  const verifiedAtMs = Date.parse(String(json['verified_at']))
  const sum = json['ciphertext_sha256']
  const recipient = json['age_recipient']
  const identityId = json['age_identity_sha256']
  if (
    json['format'] !== MANIFEST_FORMAT ||
    slotOf(owner, keyset, participantId) !== slot ||
    typeof sum !== 'string' ||
    typeof recipient !== 'string' ||
    typeof identityId !== 'string' ||
    Number.isNaN(verifiedAtMs)
  ) {
    throw new HoldfastError('MANIFEST_INVALID', `cannot use ${what}: it does not describe the snapshot ${slot}.age`)
  }
  return {
    slot,
    epochId: keyset.epoch_id,
    participantId,
    keysetDigest: keysetDigest(keyset),
    keys: storedKeys(keyset),
    provedGenuine: json['proved_genuine'] === true,
    ciphertextSha256: sum,
    sealedFor: { recipient, identityId },
    verifiedAtMs,
  }
}

const MANIFEST_FORMAT = 'holdfast/snapshot/1'

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function byDomain(domains: readonly KeyForDomain[]): KeyForDomain[] {
  return domains.toSorted((a, b) => (a.domain_id < b.domain_id ? -1 : a.domain_id > b.domain_id ? 1 : 0))
}

export function asObject(json: Json, what: string): Record<string, Json> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  throw new HoldfastError('SNAPSHOT_INVALID', `cannot read ${what}: expected a JSON object`)
}

export function asInteger(json: Json | undefined, what: string): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json
  throw new HoldfastError('SNAPSHOT_INVALID', `cannot read ${what}: expected a whole number`)
}
