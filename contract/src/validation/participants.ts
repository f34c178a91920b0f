import { refuse } from '../refusal.ts'
import type { Participant, ParticipantInfo, Participants } from '../types.ts'
import type { U64 } from '../u64.ts'
import { accountId } from './account-id.ts'
import { type Fields, fields, integer, list, present, show, u64 } from './arguments.ts'

/** Bounds the state and the gas of every call. */
export const PARTICIPANTS_MAX = 128
const ID_MAX = 2 ** 32 - 1

/**
 * near/mpc's `{next_id, participants: [[account, id, {url, tls_public_key}]]}`: accounts, ids and TLS keys unique, ids
 * below `next_id`. What the info of an account may be is for `readInfo` to say.
 * @throws Refusal INVALID_PARTICIPANTS, INVALID_ARGUMENT and the like
 */
export function participants(
  value: unknown,
  path: string,
  readInfo: (account: string, given: Fields, path: string) => ParticipantInfo,
): Participants {
  present(value, path)
  const given = fields(value, path, ['next_id', 'participants'])
  const next_id = integer(given.next_id, `${path}.next_id`, 0, ID_MAX)
  const accounts = new Set<string>()
  const ids = new Set<number>()
  const keys = new Set<string>()
  const entries = list(given.participants, `${path}.participants`, PARTICIPANTS_MAX)
  const result = entries.map((entry, index): Participant => {
    const at = `${path}.participants[${index}]`
    if (!Array.isArray(entry) || entry.length !== 3) {
      refuse('INVALID_ARGUMENT', `${at} must be [account id, participant id, info], found ${show(entry)}`)
    }
    const account = accountId(entry[0], `${at}[0]`)
    const id = integer(entry[1], `${at}[1]`, 0, ID_MAX)
    if (accounts.has(account)) refuse('INVALID_PARTICIPANTS', `${account} is named twice`)
    if (ids.has(id)) refuse('INVALID_PARTICIPANTS', `participant id ${id} is given twice`)
    if (id >= next_id) refuse('INVALID_PARTICIPANTS', `participant id ${id} is not below next_id ${next_id}`)
    present(entry[2], `${at}[2]`)
    const info = readInfo(account, fields(entry[2], `${at}[2]`, ['url', 'tls_public_key', 'incarnation']), `${at}[2]`)
    if (keys.has(info.tls_public_key)) {
      refuse('INVALID_PARTICIPANTS', `TLS key ${info.tls_public_key} is named twice`)
    }
    accounts.add(account)
    ids.add(id)
    keys.add(info.tls_public_key)
    return [account, id, info]
  })
  return { next_id, participants: result }
}

/** An incarnation may be left out, as near/mpc's clients do; one that is given must be this. @throws Refusal INVALID_PARTICIPANTS */
export function checkIncarnation(account: string, given: Fields, path: string, incarnation: U64): void {
  if (given.incarnation !== undefined && u64(given.incarnation, `${path}.incarnation`) !== incarnation) {
    refuse('INVALID_PARTICIPANTS', `${account} has incarnation ${incarnation}, found ${show(given.incarnation)}`)
  }
}
