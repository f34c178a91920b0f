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
 * below `next_id`. What the info of an account may be is for `readInfo` to say. Entries whose info is just what `known` has
 * of the account are taken as they are: to read each field with its path costs four times as much.
 * @throws Refusal INVALID_PARTICIPANTS, INVALID_ARGUMENT and the like
 */
export function participants(
  value: unknown,
  path: string,
  readInfo: (account: string, given: Fields, path: string) => ParticipantInfo,
  known: (account: string) => ParticipantInfo | undefined = () => undefined,
): Participants {
  present(value, path)
  const given = fields(value, path, ['next_id', 'participants'])
  const next_id = integer(given.next_id, `${path}.next_id`, 0, ID_MAX)
  const accounts = new Set<string>()
  const ids = new Set<number>()
  const keys = new Set<string>()
  const entries = list(given.participants, `${path}.participants`, PARTICIPANTS_MAX)
  const result = entries.map((entry, index): Participant => {
    const member = knownMember(entry, known) ?? readMember(entry, `${path}.participants[${index}]`, readInfo)
    const [account, id, { tls_public_key }] = member
    if (accounts.has(account)) refuse('INVALID_PARTICIPANTS', `${account} is named twice`)
    if (ids.has(id)) refuse('INVALID_PARTICIPANTS', `participant id ${id} is given twice`)
    if (id >= next_id) refuse('INVALID_PARTICIPANTS', `participant id ${id} is not below next_id ${next_id}`)
    if (keys.has(tls_public_key)) refuse('INVALID_PARTICIPANTS', `TLS key ${tls_public_key} is named twice`)
    accounts.add(account)
    ids.add(id)
    keys.add(tls_public_key)
    return member
  })
  return { next_id, participants: result }
}

function knownMember(entry: unknown, known: (account: string) => ParticipantInfo | undefined): Participant | undefined {
  if (!Array.isArray(entry) || entry.length !== 3) return undefined
  const [account, id, given] = entry as [unknown, unknown, Fields | null]
  const info = typeof account === 'string' ? known(account) : undefined
  if (info === undefined || typeof given !== 'object' || given === null) return undefined
  const isId = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id <= ID_MAX
  const { url, tls_public_key, incarnation } = given
  const isInfo =
    url === info.url &&
    tls_public_key === info.tls_public_key &&
    (incarnation === undefined || incarnation === info.incarnation) &&
    Object.keys(given).length === (incarnation === undefined ? 2 : 3)
  return isId && isInfo ? [account as string, id, info] : undefined
}

function readMember(
  entry: unknown,
  at: string,
  readInfo: (account: string, given: Fields, path: string) => ParticipantInfo,
): Participant {
  if (!Array.isArray(entry) || entry.length !== 3) {
    refuse('INVALID_ARGUMENT', `${at} must be [account id, participant id, info], found ${show(entry)}`)
  }
  const account = accountId(entry[0], `${at}[0]`)
  const id = integer(entry[1], `${at}[1]`, 0, ID_MAX)
  present(entry[2], `${at}[2]`)
  const given = fields(entry[2], `${at}[2]`, ['url', 'tls_public_key', 'incarnation'])
  return [account, id, readInfo(account, given, `${at}[2]`)]
}

/** An incarnation may be left out, as near/mpc's clients do; one that is given must be this. @throws Refusal INVALID_PARTICIPANTS */
export function checkIncarnation(account: string, given: Fields, path: string, incarnation: U64): void {
  if (given.incarnation !== undefined && u64(given.incarnation, `${path}.incarnation`) !== incarnation) {
    refuse('INVALID_PARTICIPANTS', `${account} has incarnation ${incarnation}, found ${show(given.incarnation)}`)
  }
}
