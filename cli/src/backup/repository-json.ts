import { proofWords } from '@holdfast/backup-service/proof-words.ts'
import type { Planned } from '@holdfast/backup-service/repository-of-home.ts'
import type { Incident } from '@holdfast/backup-service/repository/places-memory.ts'
import type { PlaceReport } from '@holdfast/backup-service/repository/repository.ts'
import type { Snapshot } from '@holdfast/backup-service/repository/snapshot.ts'

/** A repository as JSON says it: schema/list.json, show.json and prune.json. */

export function snapshotJson(snapshot: Snapshot) {
  return {
    id: snapshot.slot,
    epoch_id: snapshot.epochId,
    participant_id: snapshot.participantId,
    keyset_digest: snapshot.keysetDigest,
    domains: snapshot.keys.map(({ domain: { domain_id, attempt } }) => ({ domain_id, attempt })),
    proved_genuine: snapshot.provedGenuine,
    proof: proofWords(snapshot.provedGenuine),
    manifest: snapshot.sequence,
    data: snapshot.data,
    key: snapshot.key,
    recipients: snapshot.recipients,
    verified_at: isoTime(snapshot.verifiedAtMs),
    superseded_at: isoTimeOrNull(snapshot.supersededAtMs),
    places: snapshot.places,
  }
}

export function placeJson({ place, state, sinceMs, checkedAtMs, reason }: PlaceReport) {
  const checked_at = checkedAtMs === 0 ? null : isoTime(checkedAtMs)
  return { place, state, since: isoTime(sinceMs), checked_at, reason }
}

export function incidentJson({ place, kind, file, reason, atMs, mended }: Incident) {
  return { place, kind, file, reason, at: isoTime(atMs), mended }
}

export function plannedJson({ snapshot, fate }: Planned) {
  return {
    id: snapshot.slot,
    epoch_id: snapshot.epochId,
    fate: fate.kind,
    superseded_at: isoTimeOrNull('supersededAtMs' in fate ? fate.supersededAtMs : undefined),
    until: isoTimeOrNull(fate.kind === 'grace' ? fate.untilMs : undefined),
  }
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function isoTimeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoTime(ms)
}
