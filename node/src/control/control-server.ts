import { rmSync } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { join } from 'node:path'
import * as v from 'valibot'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { http } from '@holdfast/protocol/rpc/http.ts'
import type { GiveConsent } from '../cosigning/consent.ts'
import { readBody } from '../keyshare-server/body.ts'
import { LIMITS } from '../limits.ts'
import type { SignMessage } from '../signing/sign.ts'

export const CONTROL_SOCKET = 'control.sock'
/** Linux's `sun_path` holds 108 bytes with the closing zero. */
const LONGEST_SOCKET_PATH = 107

const signRequest = v.strictObject({
  domain_id: v.pipe(
    v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.bigint()]),
    v.transform((id) => BigInt(id)),
  ),
  message_hex: v.pipe(
    v.string(),
    v.regex(/^([0-9a-fA-F]{2})*$/),
    v.transform((hex) => Buffer.from(hex, 'hex')),
  ),
})
const consentRequest = v.strictObject({
  ...signRequest.entries,
  seconds: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.consentMaxSeconds)),
    LIMITS.consentSeconds,
  ),
})

/** What the operator may ask on this machine. */
export type ControlHandlers = { sign: SignMessage; consent: GiveConsent; status: () => Json }

/**
 * HTTP on `<home>/control.sock`, mode 0600 from the moment it is there: whoever may open it may have the node sign. The
 * caller holds the home's lock, so a socket that is there already is a killed node's and is replaced.
 * @throws HoldfastError `CONFIG_INVALID` where the home's path is too long for a socket, `HOME_UNUSABLE`
 */
export async function openControl(home: string, handlers: () => ControlHandlers, log: Logger): Promise<() => void> {
  const path = join(home, CONTROL_SOCKET)
  refuseLongPath(path)
  const closing = new AbortController()
  const server = http.createServer({ requestTimeout: LIMITS.signMs }, (request, response) => {
    answer(request, handlers, closing.signal).then(
      ({ status, json }) => send(response, status, json),
      (error: unknown) => {
        if (!isHoldfastError(error)) log.error({ err: error }, 'a control request failed')
        send(response, statusOf(error), { error: describe(error) })
      },
    )
  })
  await listenPrivately(server, home, path)
  return () => {
    // libuv would remove only the name it was opened under.
    rmSync(path, { force: true })
    closing.abort(new HoldfastError('NODE_STOPPING', 'the node is stopping'))
    server.close()
    server.closeAllConnections()
  }
}

async function answer(
  request: IncomingMessage,
  handlers: () => ControlHandlers,
  signal: AbortSignal,
): Promise<{ status: number; json: Json }> {
  const route = `${request.method} ${request.url}`
  if (route === 'GET /v1/status') return { status: 200, json: handlers().status() }
  switch (route) {
    case 'POST /v1/sign': {
      const { domain_id, message_hex } = await readRequest(request, signRequest)
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.signMs)])
      const { signature, publicKey, signers } = await handlers().sign(domain_id, message_hex, deadline)
      return {
        status: 200,
        json: { signature_hex: Buffer.from(signature).toString('hex'), public_key: publicKey, signers },
      }
    }
    case 'POST /v1/consent': {
      const { domain_id, message_hex, seconds } = await readRequest(request, consentRequest)
      const { expiresAtMs } = handlers().consent({ domainId: domain_id, message: message_hex, seconds })
      const expires_at = expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString()
      return { status: 200, json: { expires_at } }
    }
    default:
      return { status: 404, json: { error: { code: 'NOT_FOUND', message: `there is no ${route.slice(0, 80)}` } } }
  }
}

/** @throws HoldfastError `INVALID_REQUEST`, `INVALID_JSON` */
async function readRequest<S extends v.GenericSchema>(request: IncomingMessage, schema: S): Promise<v.InferOutput<S>> {
  const body = await readBody(request, LIMITS.controlBodyBytes)
  if (body.kind !== 'whole')
    throw invalid(
      body.kind === 'tooLarge' ? `the body is larger than ${LIMITS.controlBodyBytes} bytes` : 'the body is cut short',
    )
  const parsed = v.safeParse(schema, parseJson(body.text, 'the request'))
  if (!parsed.success) throw invalid(`at ${v.getDotPath(parsed.issues[0]) ?? 'the top'}: ${parsed.issues[0].message}`)
  return parsed.output
}

function refuseLongPath(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return
  throw new HoldfastError(
    'CONFIG_INVALID',
    `cannot open ${path}: the path of a socket may have ${LONGEST_SOCKET_PATH} bytes; choose a home with a shorter path`,
  )
}

/** Opens the socket in a directory of its own, for its mode can be set only after; then moves it to its place. */
async function listenPrivately(server: Server, home: string, path: string): Promise<void> {
  const directory = join(home, '.control')
  const opened = join(directory, 's')
  try {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { mode: 0o700 })
    await listenOn(server, opened)
    await chmod(opened, 0o600)
    await rename(opened, path)
    await rm(directory, { recursive: true })
  } catch (error) {
    server.close()
    throw new HoldfastError(
      'HOME_UNUSABLE',
      `cannot open ${path}: ${errorMessage(error)}; check the home's owner, mode and disk`,
    )
  }
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function send(response: ServerResponse, status: number, json: Json): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${stringifyJson(json)}\n`)
}

function describe(error: unknown): Json {
  if (isHoldfastError(error)) return { code: error.code, message: error.message }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return {
      code: 'SIGN_TIMEOUT',
      message: `cannot sign within ${LIMITS.signMs} ms; see the node's status and try again`,
    }
  }
  return { code: 'INTERNAL', message: "the request failed; see the node's log" }
}

function statusOf(error: unknown): number {
  if (isHoldfastError(error, 'INVALID_REQUEST') || isHoldfastError(error, 'INVALID_JSON')) return 400
  if (isHoldfastError(error, 'MESSAGE_TOO_LONG')) return 413
  if (isHoldfastError(error, 'UNKNOWN_DOMAIN')) return 404
  if (isHoldfastError(error, 'SIGNING_DECLINED')) return 403
  if (isHoldfastError(error, 'CONSENT_NOT_ASKED')) return 409
  if (isHoldfastError(error, 'BUSY')) return 429
  return isHoldfastError(error) ? 503 : 500
}

function invalid(why: string): HoldfastError {
  return new HoldfastError('INVALID_REQUEST', `cannot read the request: ${why}`)
}
