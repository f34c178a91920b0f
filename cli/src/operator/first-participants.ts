import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'
import { accountId, participantUrl, publicKey } from '../options.ts'
import type { FirstParticipant } from './init-parameters.ts'

const FORM = 'account=ID,url=http://HOST:PORT,tls-key=ed25519:…'

/** Collects `--participant account=…,url=…,tls-key=…`. */
export function participantOption(text: string, previous: FirstParticipant[] | undefined): FirstParticipant[] {
  const parts = text.split(',').map((part): [string, string] => {
    const at = part.indexOf('=')
    return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
  })
  if (
    parts
      .map(([name]) => name)
      .toSorted()
      .join() !== 'account,tls-key,url'
  ) {
    throw new InvalidArgumentError(`Expected ${FORM}.`)
  }
  const { account = '', url = '', 'tls-key': tlsKey = '' } = Object.fromEntries(parts)
  const all = [...(previous ?? []), checked(account, url, tlsKey)]
  const twice = repeated(all)
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`)
  return all
}

/**
 * The participants of a JSON file: a list of `{account_id, url, tls_public_key}`.
 * @throws HoldfastError `CONFIG_INVALID` naming the row, `CONFIG_UNREADABLE`
 */
export async function readParticipants(path: string): Promise<FirstParticipant[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HoldfastError('CONFIG_UNREADABLE', `cannot read the participants from ${path}: ${error.code}`)
  })
  const rows = parseJson(text, path, 'CONFIG_INVALID')
  if (!Array.isArray(rows)) throw invalid(path, 'a list is expected')
  const all = rows.map((row, index) => rowOf(row, `row ${index}`, path))
  const twice = repeated(all)
  if (twice !== undefined) throw invalid(path, `${twice} is there twice`)
  return all
}

function rowOf(row: Json, name: string, path: string): FirstParticipant {
  const fields = typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {}
  const { account_id, url, tls_public_key } = fields
  const whole = Object.keys(fields).toSorted().join() === 'account_id,tls_public_key,url'
  if (!whole || typeof account_id !== 'string' || typeof url !== 'string' || typeof tls_public_key !== 'string') {
    throw invalid(path, `${name}: expected exactly the texts account_id, url and tls_public_key`)
  }
  try {
    return checked(account_id, url, tls_public_key)
  } catch (error) {
    throw invalid(path, `${name}: ${(error as Error).message}`)
  }
}

function checked(account: string, url: string, tlsKey: string): FirstParticipant {
  return { accountId: accountId(account), url: participantUrl(url), tlsKey: publicKey(tlsKey) }
}

function repeated(all: readonly FirstParticipant[]): string | undefined {
  const values = all.flatMap(({ accountId, tlsKey }) => [accountId, tlsKey])
  return values.find((value, index) => values.indexOf(value) !== index)
}

function invalid(path: string, why: string): HoldfastError {
  return new HoldfastError('CONFIG_INVALID', `invalid participants in ${path}: ${why}`)
}
