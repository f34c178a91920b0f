import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { LIMITS } from '../limits.ts'

/** Takes every request as it comes in, so that what follows it on its connection can be told from its body. */
export type MalformedInput = { begin(request: IncomingMessage, response: ServerResponse): void }

/**
 * Answers what is not HTTP, as near/mpc does, instead of Node's own way, which may overtake the answer to the request
 * before it, and which resets the connection, so that the answer may never arrive.
 */
export function answerMalformedInput(server: Server): MalformedInput {
  const latest = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>()
  const refused = new WeakSet<Duplex>()

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Each further chunk of the same input is an error again.
    if (refused.has(socket)) return
    refused.add(socket)
    const last = latest.get(socket)
    const refuse = () => end(socket, answerTo(error, last?.request))
    if (last?.request.complete === true && !last.response.writableFinished) last.response.once('close', refuse)
    else refuse()
  })

  return { begin: (request, response) => void latest.set(request.socket, { request, response }) }
}

function answerTo({ code, message }: NodeJS.ErrnoException, request: IncomingMessage | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return answer('431 Request Header Fields Too Large', '')
  const isInBody = request !== undefined && !request.complete
  return answer('400 Bad Request', isInBody ? `Failed to read body: ${message}` : '')
}

function answer(status: string, body: string): string {
  const headers = [
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
    `date: ${new Date().toUTCString()}`,
  ]
  return `HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

/** Goes on reading for a moment: closing on unread bytes resets the connection and may take the answer with it. */
function end(socket: Duplex, text: string): void {
  if (!socket.writable) return void socket.destroy()
  socket.end(text)
  setTimeout(() => socket.destroy(), LIMITS.keyshareLingerMs).unref()
}
