import type { TLSSocket } from 'node:tls'

export type WireAnswer = { status: number; headers: Map<string, string>; body: string }
export type Session = { answers: WireAnswer[]; afterwards: 'open' | 'closed' }

/** Asked after everything else: an answer to it shows that the connection was still open. */
const PROBE = 'GET /probe HTTP/1.1\r\nconnection: close\r\n\r\n'
const LIMIT_MS = 20_000
const CHUNK = 256 * 1024

/** What the client does after its request: asks on, ends its side, or waits for the server to close. */
export type Then = 'asks on' | 'ends' | 'waits'

/**
 * Writes raw bytes, or as many as it can before it is answered, reads every answer, and finds out whether the connection
 * stays open.
 */
export async function converse(socket: TLSSocket, request: string, then: Then = 'asks on'): Promise<Session> {
  const session = { received: '', isProbed: false }
  const limit = setTimeout(() => socket.destroy(), LIMIT_MS)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    session.received += chunk.toString('latin1')
    const isAnswered = parseAnswers(session.received, isHead(request)).some(({ status }) => status !== 100)
    if (!socket.writable || !isAnswered || session.isProbed || then !== 'asks on') return
    session.isProbed = true
    socket.write(PROBE)
  })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  for (let at = 0; at < request.length && session.received === '' && socket.writable; at += CHUNK) {
    if (socket.write(request.slice(at, at + CHUNK), 'latin1')) continue
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
  }
  if (then === 'ends') socket.end()
  await closed
  clearTimeout(limit)
  const answers = parseAnswers(session.received, isHead(request))
  if (!session.isProbed || !isAnswerToProbe(answers.at(-1))) return { answers, afterwards: 'closed' }
  return { answers: answers.slice(0, -1), afterwards: 'open' }
}

/** The answers in raw bytes that a server sent; one without a length reaches to the end. */
export function parseAnswers(received: string, isToHead = false): WireAnswer[] {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return []
  const [line = '', ...fields] = received.slice(0, end).split('\r\n')
  const headers = new Map(
    fields.map((field): [string, string] => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  const status = Number(line.split(' ')[1] ?? 0)
  const rest = received.slice(end + 4)
  const length = isToHead || status === 100 ? 0 : Number(headers.get('content-length') ?? rest.length)
  if (rest.length < length) return []
  return [{ status, headers, body: rest.slice(0, length) }, ...parseAnswers(rest.slice(length))]
}

function isHead(request: string): boolean {
  return request.startsWith('HEAD')
}

function isAnswerToProbe(answer: WireAnswer | undefined): boolean {
  return answer?.status === 404 && answer.headers.get('connection') === 'close'
}
