import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { headName, keyFileOf, keyIdOf, parseFileName } from './file-names.ts'
import type { Finding } from './findings.ts'
import type { Ledger } from './ledger.ts'
import { parseHead, parseLink, type Link, type NamedFile } from './manifest.ts'
import { sha256, type Owner } from './snapshot.ts'

/** What one look at a place found: every file's size, and of those that were read the hash. Notes with their content. */
export type Survey = {
  files: Map<string, { bytes: number; sha256: string | undefined }>
  notes: Map<string, Uint8Array>
}

/**
 * No file of a repository comes near it: a node's answer has at most 4 MiB. Whoever may write to a place must not be able to
 * fill this machine's memory with a larger one.
 */
export const MOST_BYTES = 32 * 1024 * 1024

/** What should be there. */
export type Expectation = {
  owner: Owner
  publicKey: Uint8Array
  links: readonly Link[]
  ledger: Ledger
}

/**
 * Looks at a place. `deep` reads every file that a chain names; otherwise sizes must do for what is known already, and
 * only what is new is read.
 */
export async function surveyPlace(
  place: Place,
  { publicKey, links, ledger }: Expectation,
  deep: boolean,
  signal: AbortSignal,
): Promise<Survey> {
  const known = new Map(links.map(({ name, bytes }) => [name, bytes.length]))
  const named = new Set([...ledger.held.values()].flatMap(({ entry }) => [entry.data.file, entry.key.file]))
  const own = keyIdOf(publicKey)
  const survey: Survey = { files: new Map(), notes: new Map() }
  for (const { name, bytes } of await place.list(signal)) {
    const parsed = parseFileName(name)
    const isNote = (parsed.kind === 'manifest' || parsed.kind === 'head') && parsed.keyId === own
    const isDue = bytes <= MOST_BYTES && (isNote ? deep || known.get(name) !== bytes : deep && named.has(name))
    const content = isDue ? await readIfThere(place, name, signal) : undefined
    if (isDue && content === undefined) continue
    survey.files.set(name, { bytes: content?.length ?? bytes, sha256: content && sha256(content) })
    if (isNote && content !== undefined) survey.notes.set(name, content)
  }
  return survey
}

async function readIfThere(place: Place, name: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return await place.read(name, signal)
  } catch (error) {
    if (isHoldfastError(error, 'PLACE_FILE_MISSING')) return undefined
    throw error
  }
}

export type Comparison = {
  findings: Finding[]
  /** Numbers of the manifests whose snapshots are there whole. */
  whole: number[]
  /** Snapshot files that no manifest of this service names: to be opened, and recorded if they are genuine. */
  candidates: string[]
  /** Ids of other keys that signed chains here. */
  foreignKeys: string[]
}

/**
 * Compares a place with what should be there.
 * @param confirmed the newest manifest that was ever read back there: what tells removed from not yet written
 */
export function compare(survey: Survey, expectation: Expectation, confirmed: number): Comparison {
  const { links, ledger } = expectation
  const snapshots = compareSnapshots(survey, ledger, confirmed)
  const strangers = strangersIn(survey, expectation)
  return {
    findings: [
      ...compareManifests(survey, expectation, confirmed),
      ...(links.length === 0 ? [] : compareHead(survey, expectation, confirmed)),
      ...snapshots.findings,
      ...strangers.findings,
    ],
    whole: snapshots.whole,
    candidates: strangers.candidates,
    foreignKeys: strangers.foreignKeys,
  }
}

function compareManifests(
  { files, notes }: Survey,
  { owner, publicKey, links }: Expectation,
  confirmed: number,
): Finding[] {
  const findings: Finding[] = []
  const missing: Link[] = []
  let newestHere = 0
  for (const link of links) {
    const found = files.get(link.name)
    if (found === undefined) {
      missing.push(link)
      continue
    }
    const isSame = found.bytes === link.bytes.length && (found.sha256 ?? link.hash) === link.hash
    if (isSame) newestHere = link.manifest.sequence
    else findings.push(complaintOf(owner, publicKey, link.name, notes.get(link.name)))
  }
  if (newestHere < confirmed && missing.some(({ manifest }) => manifest.sequence > newestHere)) {
    findings.push({
      kind: 'rolled-back',
      file: links.find(({ manifest }) => manifest.sequence === confirmed)?.name ?? 'the newest manifest',
      reason: `the newest manifest here is ${newestHere}, and this place had ${confirmed}: its end was removed, or an older copy was put back`,
    })
  }
  for (const { name, manifest } of missing) {
    if (manifest.sequence > confirmed) {
      findings.push({ kind: 'behind', file: name, reason: `manifest ${manifest.sequence} was never written here` })
    } else if (manifest.sequence < newestHere) {
      const reason = `manifest ${manifest.sequence} was removed from the middle of the chain`
      findings.push({ kind: 'manifest-missing', file: name, reason })
    }
  }
  return findings
}

function compareHead({ notes }: Survey, expectation: Expectation, confirmed: number): Finding[] {
  const { publicKey, ledger } = expectation
  const file = headName(keyIdOf(publicKey))
  const newest = ledger.newest?.sequence ?? 0
  const content = notes.get(file)
  if (content === undefined) {
    const reason = 'there is no signed head, so that nothing here says which manifest is the newest'
    return [{ kind: confirmed > 0 ? 'rolled-back' : 'behind', file, reason }]
  }
  try {
    const { sequence } = parseHead(content, publicKey, `the head ${file}`)
    if (sequence < confirmed) {
      const reason = `the head names manifest ${sequence} as the newest, and it named ${confirmed} here before: an older one was put back`
      return [{ kind: 'rolled-back', file, reason }]
    }
    if (sequence > newest) {
      const reason = `the head names manifest ${sequence} as the newest, and it is nowhere to be found; the newest known is ${newest}`
      return [{ kind: 'manifest-missing', file, reason }]
    }
    return sequence === newest ? [] : [{ kind: 'behind', file, reason: `the head still names manifest ${sequence}` }]
  } catch (error) {
    return [{ kind: forgedOr('head-damaged', error), file, reason: errorMessage(error) }]
  }
}

function compareSnapshots(
  { files }: Survey,
  { held }: Ledger,
  confirmed: number,
): { findings: Finding[]; whole: number[] } {
  const findings: Finding[] = []
  const whole: number[] = []
  for (const { sequence, entry } of held.values()) {
    const faults = [entry.data, entry.key].flatMap((file) => faultOf(file, files.get(file.file), sequence > confirmed))
    if (faults.length === 0) whole.push(sequence)
    findings.push(...faults)
  }
  return { findings, whole }
}

function faultOf(
  { file, bytes, sha256: wanted }: NamedFile,
  found: { bytes: number; sha256: string | undefined } | undefined,
  isNew: boolean,
): Finding[] {
  if (found === undefined) {
    if (isNew) return [{ kind: 'behind', file, reason: 'it was never written here' }]
    return [{ kind: 'file-missing', file, reason: 'it was here and is gone' }]
  }
  if (found.bytes === bytes && (found.sha256 ?? wanted) === wanted) return []
  const is = found.sha256 === undefined ? `${found.bytes} bytes` : `${found.bytes} bytes with SHA-256 ${found.sha256}`
  return [{ kind: 'file-damaged', file, reason: `found ${is}, expected ${bytes} bytes with SHA-256 ${wanted}` }]
}

/** Files that this service's chain does not ask for. */
function strangersIn(
  { files, notes }: Survey,
  { owner, publicKey, links, ledger }: Expectation,
): Pick<Comparison, 'findings' | 'candidates' | 'foreignKeys'> {
  const own = keyIdOf(publicKey)
  const expected = new Set(links.map(({ name }) => name))
  const wanted = new Set([...ledger.held.values()].flatMap(({ entry }) => [entry.data.file, entry.key.file]))
  const findings: Finding[] = []
  const candidates: string[] = []
  const foreignKeys = new Set<string>()
  for (const name of files.keys()) {
    const parsed = parseFileName(name)
    switch (parsed.kind) {
      case 'manifest':
      case 'head':
        if (parsed.keyId !== own) foreignKeys.add(parsed.keyId)
        else if (parsed.kind === 'manifest' && !expected.has(name)) {
          findings.push(complaintOf(owner, publicKey, name, notes.get(name)))
        }
        break
      case 'data':
      case 'key':
      case 'format-1':
        if (wanted.has(name) || ledger.held.has(parsed.slot)) break
        // What is still being destroyed is not back: it is yet to go.
        if (beingShredded(ledger, parsed.slot)) break
        if (ledger.shreddedSlots.has(parsed.slot)) {
          findings.push({
            kind: 'shredded-file',
            file: name,
            reason: 'its snapshot was destroyed, and here it is again',
          })
        } else if (parsed.kind === 'data' || (parsed.kind === 'format-1' && parsed.part === 'age')) {
          const large = [name, keyFileOf(name)].find((file) => (files.get(file)?.bytes ?? 0) > MOST_BYTES)
          if (large === undefined) candidates.push(name)
          else findings.push({ kind: 'unusable-file', file: large, reason: 'it is larger than any snapshot' })
        }
        break
      case 'other':
        break
      default:
        parsed satisfies never
        throw new TypeError('unknown kind of file')
    }
  }
  for (const keyId of foreignKeys) {
    findings.push({
      kind: 'foreign-chain',
      file: headName(keyId),
      reason: `the chain of another service, whose key starts with ${keyId}; what opens and is genuine is recorded anew by this one`,
    })
  }
  return { findings, candidates, foreignKeys: [...foreignKeys] }
}

/** What is wrong with a manifest that is not the one that belongs there. */
function complaintOf(owner: Owner, publicKey: Uint8Array, file: string, content: Uint8Array | undefined): Finding {
  if (content === undefined)
    return { kind: 'manifest-damaged', file, reason: 'it has another size than it was written with' }
  try {
    parseLink(owner, publicKey, file, content)
    return { kind: 'forked', file, reason: 'this service signed it, and another manifest of the same number' }
  } catch (error) {
    return { kind: forgedOr('manifest-damaged', error), file, reason: errorMessage(error) }
  }
}

function forgedOr(kind: Finding['kind'], error: unknown): Finding['kind'] {
  return isHoldfastError(error, 'NOTE_FORGED') ? 'forged-signature' : kind
}

function beingShredded({ shreds }: Ledger, slot: string): boolean {
  return shreds.some(({ slots, receipt }) => receipt === undefined && slots.includes(slot))
}
