import type { KeyEventId } from '../types.ts'
import { fields, present, u64 } from './arguments.ts'

/** `{epoch_id, domain_id, attempt_id}`. @throws Refusal */
export function keyEventId(value: unknown): KeyEventId {
  present(value, 'key_event_id')
  const given = fields(value, 'key_event_id', ['epoch_id', 'domain_id', 'attempt_id'])
  return {
    epoch_id: u64(given.epoch_id, 'key_event_id.epoch_id'),
    domain_id: u64(given.domain_id, 'key_event_id.domain_id'),
    attempt_id: u64(given.attempt_id, 'key_event_id.attempt_id'),
  }
}
