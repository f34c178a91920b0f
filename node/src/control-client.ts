import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { http } from '@holdfast/protocol/rpc/http.ts'

const SOCKET = 'control.sock'
const DEADLINE_MS = 35_000

/** A signature that the running node made with its peers: plain Ed25519 under `publicKey` (near text). */
export type SignedMessage = { signature: Uint8Array; publicKey: string; signers: string[] }

/**
 * Has the node that runs in `home` sign `message` with a domain's key.
 * @throws HoldfastError `NODE_NOT_RUNNING`, or whatever code and sentence the node answers with
 */
export async function signMessage(home: string, domainId: bigint, message: Uint8Array): Promise<SignedMessage> {
  const body = { domain_id: domainId, message_hex: Buffer.from(message).toString('hex') }
  const answer = await ask(home, 'POST', '/v1/sign', body)
  const { signature_hex, public_key, signers } = answer
  if (typeof signature_hex !== 'string' || typeof public_key !== 'string' || !Array.isArray(signers))
    throw unreadable(home)
  return { signature: Buffer.from(signature_hex, 'hex'), publicKey: public_key, signers: signers.map(String) }
}

/**
 * Tells the node that runs in `home` that its operator consents to this message, for `seconds` (its default: ten minutes); 0
 * takes a consent back. Returns when the consent ends, undefined where there is none any more.
 * @throws HoldfastError `NODE_NOT_RUNNING`, `CONSENT_NOT_ASKED`, or whatever code and sentence the node answers with
 */
export async function giveConsent(
  home: string,
  domainId: bigint,
  message: Uint8Array,
  seconds?: number,
): Promise<Date | undefined> {
  const body = { domain_id: domainId, message_hex: Buffer.from(message).toString('hex') }
  const { expires_at } = await ask(home, 'POST', '/v1/consent', seconds === undefined ? body : { ...body, seconds })
  if (expires_at === null) return undefined
  if (typeof expires_at !== 'string') throw unreadable(home)
  return new Date(expires_at)
}

/**
 * The status of the node that runs in `home`: its `phase`, what it `waiting_for`, its last view, peers and keys.
 * @throws HoldfastError `NODE_NOT_RUNNING`
 */
export function nodeStatus(home: string): Promise<Record<string, Json>> {
  return ask(home, 'GET', '/v1/status')
}

async function ask(home: string, method: string, path: string, body?: Json): Promise<Record<string, Json>> {
  const { status, text } = await exchange(home, method, path, body === undefined ? '' : stringifyJson(body))
  const json = parseJson(text, "the node's answer")
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw unreadable(home)
  if (status === 200) return json
  const error = json['error'] as Record<string, Json> | undefined
  throw new HoldfastError(
    String(error?.['code'] ?? 'NODE_FAILED'),
    String(error?.['message'] ?? `the node answered ${status}`),
  )
}

function exchange(home: string, method: string, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      socketPath: join(home, SOCKET),
      method,
      path,
      headers: { 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    request.on('error', (error: NodeJS.ErrnoException) => reject(connectionError(home, error)))
    request.on('response', (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    request.end(body)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function connectionError(home: string, error: NodeJS.ErrnoException): HoldfastError {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return new HoldfastError('NODE_TIMEOUT', `the node in ${home} did not answer within ${DEADLINE_MS} ms`)
  }
  return new HoldfastError(
    'NODE_NOT_RUNNING',
    `no node answers in ${home} (${error.code ?? error.message}); start it with "holdfast node run --home ${home}"`,
  )
}

function unreadable(home: string): HoldfastError {
  return new HoldfastError(
    'NODE_FAILED',
    `the node in ${home} gave an unreadable answer; check that both are of the same version`,
  )
}
