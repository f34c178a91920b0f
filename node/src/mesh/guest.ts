import type { TLSSocket } from 'node:tls'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { LIMITS } from '../limits.ts'
import { createFrameReader, encodeFrame } from './frames.ts'
import { parseRequest, WELCOME, type Response } from './messages.ts'
import type { Peer } from './peer.ts'
import type { Traffic } from './traffic.ts'

/** An accepted connection of a peer that the contract names. `signal` ends with it, and with it all that hangs on it. */
export type Guest = { peer: Peer; signal: AbortSignal; close(): void }

/** Answers one kind of request. What it throws is told to the peer by code and sentence. */
export type HandleRequest = (guest: Guest, body: Json) => Promise<Json> | Json
export type Handlers = ReadonlyMap<string, HandleRequest>

/** Serves the requests of one authenticated peer until the connection ends. */
export function welcomeGuest(
  peer: Peer,
  socket: TLSSocket,
  handlers: Handlers,
  traffic: Traffic,
  onRefused: (why: string) => void,
): Guest {
  const ended = new AbortController()
  const read = createFrameReader()
  const guest: Guest = { peer, signal: ended.signal, close: () => socket.destroy() }
  let underWay = 0

  socket.setNoDelay(true)
  socket.setKeepAlive(true, LIMITS.meshReconnectMaxMs)
  socket.on('close', () => ended.abort())
  socket.on('drain', () => socket.resume())
  socket.on('data', (chunk: Buffer) => {
    traffic.received += chunk.length
    try {
      for (const frame of read(chunk)) void answer(frame)
    } catch (error) {
      onRefused(errorMessage(error))
      socket.destroy()
    }
  })
  socket.write(encodeFrame(WELCOME))
  return guest

  async function answer(frame: Json): Promise<void> {
    try {
      const { id, type, body } = parseRequest(frame)
      underWay += 1
      send(underWay > LIMITS.meshRequestsPerConnection ? tooMany(id) : await handle(id, type, body))
    } catch (error) {
      onRefused(errorMessage(error))
      socket.destroy()
    }
  }

  /** A request is under way until its answer has left: a peer that asks and does not read is not read from either. */
  function send(response: Response): void {
    if (socket.destroyed) return
    const frame = encodeFrame(response)
    traffic.sent += frame.length
    const hasRoom = socket.write(frame, () => (underWay -= 1))
    if (hasRoom) return
    socket.pause()
    if (socket.writableLength > LIMITS.meshUnsentBytes) throw unread()
  }

  async function handle(id: number, type: string, body: Json): Promise<Response> {
    const handler = handlers.get(type)
    if (handler === undefined)
      return { id, refused: { code: 'UNKNOWN_REQUEST', message: 'this node knows no such request' } }
    try {
      return { id, ok: await handler(guest, body) }
    } catch (error) {
      const code = isHoldfastError(error) ? error.code : 'INTERNAL'
      const message = isHoldfastError(error) ? error.message : 'the request failed'
      if (!isHoldfastError(error)) onRefused(errorMessage(error))
      return { id, refused: { code, message } }
    }
  }
}

function unread(): HoldfastError {
  return new HoldfastError(
    'PEER_DOES_NOT_READ',
    `the peer asks without reading the answers: more than ${LIMITS.meshUnsentBytes} bytes wait for it; the connection is closed`,
  )
}

function tooMany(id: number): Response {
  return {
    id,
    refused: { code: 'TOO_MANY_REQUESTS', message: `more than ${LIMITS.meshRequestsPerConnection} requests at a time` },
  }
}
