import { createHash } from 'node:crypto'
import type { KeyForDomain, Keyset } from '@holdfast/protocol/contract-state.ts'
import type { StoredKey } from '@holdfast/protocol/coverage.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { Held } from './ledger.ts'
import type { NamedFile } from './manifest.ts'

/** Whose shares a repository holds. */
export type Owner = { accountId: string; contractId: string }

/** Shares as a node gave them: the text is near/mpc's keyshare JSON, neither parsed nor proved. */
export type ReceivedShares = { keyset: Keyset; participantId: number; keyshares: string }

/** One verified set of shares: of one participant, for one keyset with its attempts and commitments. */
export type Snapshot = {
  /** Equal for equal sets, different as soon as an attempt or a commitment differs; the start of its files' names. */
  slot: string
  /** The number of the manifest that recorded it. */
  sequence: number
  epochId: bigint
  participantId: number
  keysetDigest: string
  keys: StoredKey[]
  /** False where some domain has no commitments, so that only its group key could be compared. */
  provedGenuine: boolean
  /** The age file with the shares. */
  data: NamedFile
  /** The age file with the identity that opens `data`. */
  key: NamedFile
  /** SHA-256 of the age file with the shares, hex. */
  ciphertextSha256: string
  /** Whose identities open `key`, in age's text form. */
  recipients: string[]
  /** Milliseconds since the epoch. */
  verifiedAtMs: number
  /** The places that hold both files whole, as far as known. */
  places: string[]
  /** Block time since which the contract has shown it superseded, if it has. */
  supersededAtMs: number | undefined
}

/** What a manifest and the places say together of a snapshot. */
export function snapshotOf({ sequence, entry, supersededAtMs }: Held, places: string[]): Snapshot {
  const { slot, participantId, keyset, keysetDigest, provedGenuine, data, key, recipients, verifiedAtMs } = entry
  return {
    slot,
    sequence,
    epochId: keyset.epoch_id,
    participantId,
    keysetDigest,
    keys: storedKeys(keyset),
    provedGenuine,
    data,
    key,
    ciphertextSha256: data.sha256,
    recipients,
    verifiedAtMs,
    places,
    supersededAtMs,
  }
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
