import type { IncomingMessage } from 'node:http'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { http, https } from '@holdfast/protocol/rpc/http.ts'
import type { Sent } from '../ports.ts'
import type { OutgoingRequest } from '../requests.ts'

/** An answer is read only for when to come back. */
const LARGEST_ANSWER = 16 * 1024
const LONGEST_WAIT_MS = 60 * 60_000

/**
 * One POST with one deadline. Any 2xx is a success; nothing is followed anywhere else, for a redirect would hand the secret
 * in the path or body to whoever it names. Certificates are checked against Node's roots and NODE_EXTRA_CA_CERTS.
 * The reason of a failure names the host at most.
 */
export async function postJson(request: OutgoingRequest, deadlineMs: number, signal: AbortSignal): Promise<Sent> {
  const url = new URL(request.url)
  try {
    return await withDeadline((stop) => exchange(url, request, stop), deadlineMs, signal, `a message to ${url.host}`)
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'failed', reason: withoutPath(errorMessage(error), url) }
  }
}

function exchange(url: URL, { headers, body }: OutgoingRequest, signal: AbortSignal): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    // Messages are rare: a kept connection would mostly be a dead one.
    const length = Buffer.byteLength(body)
    const asked = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': length },
      agent: false,
      signal,
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      readAnswer(response)
        .then((text) => resolve(outcome(url, response, text)), reject)
        .finally(() => asked.destroy())
    })
    asked.end(body)
  })
}

function outcome({ host }: URL, { statusCode = 0, headers }: IncomingMessage, answer: string): Sent {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'sent' }
  const afterMs = retryAfterMs(headers['retry-after'], answer, Date.now())
  const why = statusCode >= 300 && statusCode < 400 ? 'a redirect, which is not followed' : `HTTP status ${statusCode}`
  return { kind: 'failed', reason: `${host} answered with ${why}`, afterMs }
}

/**
 * How long a receiver asks to be left alone: the header Retry-After (seconds or a date, RFC 9110, 10.2.3), or what Telegram
 * and Discord write into the body. At most an hour, whatever it says.
 */
export function retryAfterMs(header: string | undefined, answer: string, nowMs: number): number | undefined {
  const asked = (header === undefined ? undefined : fromHeader(header, nowMs)) ?? fromBody(answer)
  return asked === undefined || !(asked >= 0) ? undefined : Math.min(asked, LONGEST_WAIT_MS)
}

function fromHeader(header: string, nowMs: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

function fromBody(answer: string): number | undefined {
  const seconds = /"retry_after"\s*:\s*(\d+(?:\.\d+)?)/.exec(answer)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > LARGEST_ANSWER) break
  }
  return text
}

/** Node's own errors name addresses and hosts; should one ever name more, it goes no further. */
function withoutPath(message: string, { pathname, search, username, password }: URL): string {
  return [pathname, search, username, password]
    .filter((part) => part.length > 1)
    .reduce((text, part) => text.replaceAll(part, '…'), message)
}
