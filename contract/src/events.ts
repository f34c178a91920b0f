import type { Call } from './call.ts'
import { writeJson } from './json.ts'

/** NEP-297 event names; README.md lists what each carries. */
export type EventName =
  | 'initialized'
  | 'add_domains_voted'
  | 'keygen_started'
  | 'key_event_attempt_started'
  | 'key_event_voted'
  | 'key_event_attempt_aborted'
  | 'domain_key_agreed'
  | 'running_entered'
  | 'keygen_cancel_voted'
  | 'keygen_cancelled'
  | 'parameters_voted'
  | 'resharing_started'
  | 'domain_key_reshared'
  | 'resharing_concluded'
  | 'resharing_cancel_voted'
  | 'resharing_cancelled'
  | 'candidate_submitted'
  | 'candidate_removed'
  | 'backup_service_registered'
  | 'backup_reported'
  | 'node_authorized'
  | 'node_authorization_revoked'
  | 'node_migration_started'
  | 'node_migration_cancelled'
  | 'node_migration_concluded'
  | 'participant_url_updated'
  | 'update_voted'
  | 'migrated'
  | 'recovery_requested'
  | 'share_delivery_confirmed'
  | 'recovery_concluded'
  | 'recovery_cancelled'
  | 'recovery_expired'

/** Logs a NEP-297 event; `data` holds protocol.md's names. */
export function emit(call: Call, event: EventName, data: Record<string, unknown>): void {
  const line = { standard: 'holdfast', version: '1.0.0', event, data: [data] }
  call.logs.push(`EVENT_JSON:${writeJson(line)}`)
}
