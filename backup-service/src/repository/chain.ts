import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { keyIdOf, parseFileName } from './file-names.ts'
import type { Finding } from './findings.ts'
import { parseLink, type Link } from './manifest.ts'
import type { Owner } from './snapshot.ts'

/** One service's manifests in order, as far as they hold together. */
export type Chain = {
  links: Link[]
  /** Numbers below the newest of which there is no manifest. */
  gaps: number[]
  findings: Finding[]
}

/**
 * Puts the manifests of one key in order. Where two have one number, the branch that goes on longer counts, then the one
 * that is already `known`; the other is a finding. A gap does not end a chain: what is beyond it is signed all the same.
 * @param notes file name → content; names of other kinds and keys are passed over
 */
export function readChain(
  owner: Owner,
  publicKey: Uint8Array,
  notes: ReadonlyMap<string, Uint8Array>,
  known: ReadonlySet<string> = new Set(),
): Chain {
  const keyId = keyIdOf(publicKey)
  const findings: Finding[] = []
  const bySequence = new Map<number, Link[]>()
  for (const [name, bytes] of notes) {
    const parsed = parseFileName(name)
    if (parsed.kind !== 'manifest' || parsed.keyId !== keyId) continue
    const link = readLink(owner, publicKey, name, bytes, findings)
    if (link === undefined) continue
    bySequence.set(parsed.sequence, [...(bySequence.get(parsed.sequence) ?? []), link])
  }
  const newest = Math.max(0, ...bySequence.keys())
  const links: Link[] = []
  const gaps: number[] = []
  let next: Link | undefined
  for (let sequence = newest; sequence >= 1; sequence--) {
    const candidates = bySequence.get(sequence) ?? []
    const link = choose(candidates, next, known)
    if (link === undefined) gaps.unshift(sequence)
    else links.unshift(link)
    for (const other of candidates) {
      if (other !== link) {
        findings.push({
          kind: 'forked',
          file: other.name,
          reason: `manifest ${sequence} exists twice, both signed by this service: its home was rolled back or copied`,
        })
      }
    }
    next = link
  }
  return { links, gaps, findings }
}

/** The manifest that the next one names; at the newest end, or beyond a gap, the one that was known before. */
function choose(candidates: readonly Link[], next: Link | undefined, known: ReadonlySet<string>): Link | undefined {
  return (
    candidates.find(({ hash }) => hash === next?.manifest.previous) ??
    candidates.find(({ name }) => known.has(name)) ??
    candidates[0]
  )
}

function readLink(
  owner: Owner,
  publicKey: Uint8Array,
  name: string,
  bytes: Uint8Array,
  findings: Finding[],
): Link | undefined {
  try {
    return parseLink(owner, publicKey, name, bytes)
  } catch (error) {
    const kind = isHoldfastError(error, 'NOTE_FORGED') ? 'forged-signature' : 'manifest-damaged'
    findings.push({ kind, file: name, reason: errorMessage(error) })
    return undefined
  }
}
