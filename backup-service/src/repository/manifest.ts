import * as v from 'valibot'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { manifestName, keyIdOf } from './file-names.ts'
import { parseNote, signNote, type Note, type NoteSigner } from './signed-note.ts'
import { sha256, slotOf, type Owner } from './snapshot.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'

/** A file as a manifest names it. */
export type NamedFile = { file: string; sha256: string; bytes: number }

/** What one manifest adds to what a repository holds. */
export type Entry =
  | {
      kind: 'snapshot'
      slot: string
      participantId: number
      keyset: Keyset
      keysetDigest: string
      provedGenuine: boolean
      data: NamedFile
      key: NamedFile
      recipients: string[]
      identityId: string
      verifiedAtMs: number
    }
  /** What an agreed final view of the contract showed of snapshots that are held. */
  | { kind: 'retention'; blockHeight: bigint; blockTimeMs: number; superseded: string[]; liveAgain: string[] }
  /** From here on these are no longer held: their key files are being destroyed. */
  | { kind: 'shredding'; slots: string[]; files: NamedFile[]; supersededAtMs: number }
  /** The receipt: every place has confirmed that the key files of these are gone. */
  | { kind: 'shredded'; slots: string[]; begun: number; places: string[] }

export type SnapshotEntry = Extract<Entry, { kind: 'snapshot' }>

export type Manifest = { sequence: number; previous: string | null; recordedAtMs: number; entry: Entry }

/** A manifest as a signed file. `hash`: SHA-256 over the whole file, hex; the next one names it. */
export type Link = { name: string; bytes: Uint8Array; hash: string; manifest: Manifest }

const u64 = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.bigint()]),
  v.transform((x) => BigInt(x)),
)
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const timeMs = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.check((ms) => !Number.isNaN(ms)),
)
const namedFileSchema = v.object({
  file: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]*$/)),
  sha256: hash,
  bytes: count,
})
const slots = v.array(v.pipe(v.string(), v.regex(/^epoch-[0-9]+-[0-9a-f]{32}$/)))

const entrySchema = v.variant('kind', [
  v.object({
    kind: v.literal('snapshot'),
    participant_id: count,
    keyset: v.any(),
    proved_genuine: v.boolean(),
    data: namedFileSchema,
    key: namedFileSchema,
    recipients: v.array(v.string()),
    age_identity_sha256: v.string(),
    verified_at: timeMs,
  }),
  v.object({
    kind: v.literal('retention'),
    block_height: u64,
    block_time: timeMs,
    superseded: slots,
    live_again: slots,
  }),
  v.object({ kind: v.literal('shredding'), slots, files: v.array(namedFileSchema), superseded_at: timeMs }),
  v.object({ kind: v.literal('shredded'), slots, begun: count, places: v.array(v.string()) }),
])
const manifestSchema = v.object({
  account_id: v.string(),
  contract_id: v.string(),
  sequence: v.pipe(count, v.minValue(1)),
  previous: v.nullable(hash),
  recorded_at: timeMs,
  entry: entrySchema,
})

/** Signs the next manifest of a chain. */
export function makeLink(owner: Owner, manifest: Manifest, signer: NoteSigner): Link {
  const { sequence, previous, recordedAtMs, entry } = manifest
  const body = {
    account_id: owner.accountId,
    contract_id: owner.contractId,
    sequence,
    previous,
    recorded_at: isoTime(recordedAtMs),
    entry: entryJson(entry),
  }
  const bytes = signNote('manifest', body, signer)
  const hash = sha256(bytes)
  return { name: manifestName(keyIdOf(signer.publicKey), sequence, hash), bytes, hash, manifest }
}

/**
 * Reads a manifest of this owner that this key signed: names tell keys apart by their start only.
 * @throws HoldfastError `NOTE_INVALID`, `NOTE_FORGED`, `MANIFEST_INVALID` where it is another owner's or says what cannot be
 */
export function parseLink(owner: Owner, publicKey: Uint8Array, name: string, bytes: Uint8Array): Link {
  const what = `the manifest ${name}`
  const body = signedBy(publicKey, parseNote('manifest', bytes, what), what)
  const result = v.safeParse(manifestSchema, body)
  if (!result.success)
    throw invalid(what, `it does not have the form of one at ${v.getDotPath(result.issues[0]) ?? 'the top'}`)
  const { account_id, contract_id, sequence, previous, recorded_at, entry } = result.output
  if (account_id !== owner.accountId || contract_id !== owner.contractId) {
    throw invalid(what, `it is of ${account_id.slice(0, 64)} at ${contract_id.slice(0, 64)}`)
  }
  const found = sha256(bytes)
  if (manifestName(keyIdOf(publicKey), sequence, found) !== name) throw invalid(what, 'it belongs under another name')
  const manifest = { sequence, previous, recordedAtMs: recorded_at, entry: entryOf(owner, entry, what) }
  return { name, bytes, hash: found, manifest }
}

function entryJson(entry: Entry): Record<string, unknown> {
  switch (entry.kind) {
    case 'snapshot':
      return {
        kind: entry.kind,
        participant_id: entry.participantId,
        keyset_digest: entry.keysetDigest,
        keyset: entry.keyset,
        proved_genuine: entry.provedGenuine,
        data: entry.data,
        key: entry.key,
        recipients: entry.recipients,
        age_identity_sha256: entry.identityId,
        verified_at: isoTime(entry.verifiedAtMs),
      }
    case 'retention':
      return {
        kind: entry.kind,
        block_height: entry.blockHeight,
        block_time: isoTime(entry.blockTimeMs),
        superseded: entry.superseded,
        live_again: entry.liveAgain,
      }
    case 'shredding':
      return { kind: entry.kind, slots: entry.slots, files: entry.files, superseded_at: isoTime(entry.supersededAtMs) }
    case 'shredded':
      return { kind: entry.kind, slots: entry.slots, begun: entry.begun, places: entry.places }
    default:
      entry satisfies never
      throw new TypeError('unknown entry')
  }
}

function entryOf(owner: Owner, entry: v.InferOutput<typeof entrySchema>, what: string): Entry {
  switch (entry.kind) {
    case 'snapshot': {
      const keyset = parseKeyset(entry.keyset as Json, `${what}: keyset`)
      return {
        kind: 'snapshot',
        slot: slotOf(owner, keyset, entry.participant_id),
        participantId: entry.participant_id,
        keyset,
        keysetDigest: keysetDigest(keyset),
        provedGenuine: entry.proved_genuine,
        data: entry.data,
        key: entry.key,
        recipients: entry.recipients,
        identityId: entry.age_identity_sha256,
        verifiedAtMs: entry.verified_at,
      }
    }
    case 'retention':
      return {
        kind: 'retention',
        blockHeight: entry.block_height,
        blockTimeMs: entry.block_time,
        superseded: entry.superseded,
        liveAgain: entry.live_again,
      }
    case 'shredding':
      return { kind: 'shredding', slots: entry.slots, files: entry.files, supersededAtMs: entry.superseded_at }
    case 'shredded':
      return entry
    default:
      entry satisfies never
      throw new TypeError('unknown entry')
  }
}

/** The SHA-256 and size under which a manifest names a file. */
export function namedFile(file: string, content: Uint8Array): NamedFile {
  return { file, sha256: sha256(content), bytes: content.length }
}

/** True if this is the file that a manifest names. */
export function isNamed(content: Uint8Array | undefined, named: NamedFile): content is Uint8Array {
  return content !== undefined && content.length === named.bytes && sha256(content) === named.sha256
}

function signedBy(publicKey: Uint8Array, note: Note, what: string): Note['body'] {
  if (Buffer.compare(note.publicKey, publicKey) === 0) return note.body
  throw new HoldfastError('NOTE_FORGED', `refusing ${what}: it is signed by another key than this service's`)
}

function invalid(what: string, found: string): HoldfastError {
  return new HoldfastError('MANIFEST_INVALID', `cannot use ${what}: ${found}`)
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
export type Head = { sequence: number; hash: string }

/** Signs what the newest manifest of a chain is. */
export function makeHead({ sequence, hash }: Head, signer: NoteSigner): Uint8Array {
  return signNote('head', { sequence, hash }, signer)
}

/** Reads a head that this key signed. @throws HoldfastError `NOTE_INVALID`, `NOTE_FORGED` */
export function parseHead(bytes: Uint8Array, publicKey: Uint8Array, what: string): Head {
  const body = signedBy(publicKey, parseNote('head', bytes, what), what)
  const result = v.safeParse(v.object({ sequence: count, hash }), body)
  if (result.success) return { sequence: result.output.sequence, hash: result.output.hash }
  throw new HoldfastError('NOTE_INVALID', `cannot use ${what}: it does not name a manifest`)
}
