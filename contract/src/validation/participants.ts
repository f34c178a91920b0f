import type { Cryptography } from '../ports.ts'
import { refuse } from '../refusal.ts'
import type { Participant, Participants } from '../types.ts'
import { accountId } from './account-id.ts'
import { fields, integer, list, present, show, u64 } from './arguments.ts'
import { readNodeInfo } from './node-info.ts'

/** Bounds the state and the gas of every call. */
export const PARTICIPANTS_MAX = 128
const ID_MAX = 2 ** 32 - 1

/**
 * near/mpc's `{next_id, participants: [[account, id, {url, tls_public_key}]]}`: accounts, ids and TLS keys unique, ids
 * below `next_id`. A missing incarnation is taken from `incarnationOf`, a given one must equal it.
 * @throws Refusal INVALID_PARTICIPANTS, INVALID_ARGUMENT and the like
 */
export function participants(
  value: unknown,
  path: string,
  cryptography: Cryptography,
  incarnationOf: (account: string) => Participant[2]['incarnation'],
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
    present(entry[2], `${at}[2]`)
    const info = fields(entry[2], `${at}[2]`, ['url', 'tls_public_key', 'incarnation'])
    const node = readNodeInfo(info, `${at}[2]`, cryptography)
    const incarnation = incarnationOf(account)
    if (info.incarnation !== undefined && u64(info.incarnation, `${at}[2].incarnation`) !== incarnation) {
      refuse('INVALID_PARTICIPANTS', `${account} has incarnation ${incarnation}, found ${show(info.incarnation)}`)
    }
    if (accounts.has(account)) refuse('INVALID_PARTICIPANTS', `${account} is named twice`)
    if (ids.has(id)) refuse('INVALID_PARTICIPANTS', `participant id ${id} is given twice`)
    if (keys.has(node.tls_public_key)) refuse('INVALID_PARTICIPANTS', `TLS key ${node.tls_public_key} is named twice`)
    if (id >= next_id) refuse('INVALID_PARTICIPANTS', `participant id ${id} is not below next_id ${next_id}`)
    accounts.add(account)
    ids.add(id)
    keys.add(node.tls_public_key)
    return [account, id, { ...node, incarnation }]
  })
  return { next_id, participants: result }
}
