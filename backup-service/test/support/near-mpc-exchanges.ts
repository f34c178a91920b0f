import { readFileSync } from 'node:fs'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'

/** What near/mpc's own node answered over the wire (tests/vectors), byte for byte. */

type Exchange = { case: string; response: { text: string } | null }

const read = (name: string): string => readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8')
const recorded = JSON.parse(read('near-mpc-wire-http-server.json')) as { aes_key_hex: string; exchanges: Exchange[] }
const shares = JSON.parse(read('near-mpc-wire-keyshares.json')) as {
  keyset_text: string
  keyshares_text_by_participant: Record<string, string>
}

/** 64 hex digits: the key of every recorded answer. */
export const RECORDED_AES_KEY_HEX = recorded.aes_key_hex
/** The keyset that the recorded node holds, as its contract writes it. */
export const RECORDED_KEYSET: Json = parseJson(shares.keyset_text, 'the recorded keyset')
/** near/mpc's keyshare JSON of participant 0. */
export const RECORDED_SHARES: string = shares.keyshares_text_by_participant['0'] ?? ''

/** The whole answer to this recorded request. */
export function recordedAnswer(name: string): string {
  const text = recorded.exchanges.find((each) => each.case === name)?.response?.text
  if (text === undefined) throw new TypeError(`no recorded answer to ${name}`)
  return text
}
