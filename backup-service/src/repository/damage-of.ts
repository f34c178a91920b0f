import { rememberedOf, type Known, type Parts } from './known.ts'
import { isIncident } from './findings.ts'
import type { Incident } from './places-memory.ts'
import { compare, surveyPlace } from './survey.ts'

/**
 * What is damaged or gone, in the places of this machine, of the snapshot that is held under a slot. Shares that the node gives
 * again mend it without a trace in any place, and that it happened must stay known: nobody damages a disk only once.
 */
export async function damageOf(parts: Parts, known: Known, slot: string, signal: AbortSignal): Promise<Incident[]> {
  const entry = known.ledger.held.get(slot)?.entry
  if (entry === undefined) return []
  const { owner, signer, places } = parts
  const expectation = { owner, publicKey: signer.publicKey, links: known.links, ledger: known.ledger }
  const files = new Set([entry.data.file, entry.key.file])
  const incidents: Incident[] = []
  for (const place of places) {
    if (!place.isLocal) continue
    // A place that cannot be read is named by whoever looks at it next.
    const survey = await surveyPlace(place, expectation, true, signal).catch(() => undefined)
    if (survey === undefined) continue
    const { findings } = compare(survey, expectation, rememberedOf(known, place.name).confirmed)
    for (const finding of findings) {
      if (isIncident(finding) && files.has(finding.file))
        incidents.push({ ...finding, place: place.name, atMs: Date.now(), mended: true })
    }
  }
  return incidents
}
