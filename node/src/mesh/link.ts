import type { TLSSocket } from 'node:tls'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { backoff } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'
import { createFrameReader, encodeFrame } from './frames.ts'
import { isWelcome, parseResponse, type Response } from './messages.ts'
import { PeerRefusal } from './peer-refusal.ts'
import type { Peer } from './peer.ts'
import type { Traffic } from './traffic.ts'

/** The outgoing connection to one peer: kept up by itself until closed. */
export type Link = {
  readonly peer: Peer
  isUp(): boolean
  ask(type: string, body: Json, options: { signal: AbortSignal; timeoutMs: number }): Promise<Json>
  /** Ends the connection, for this reason; it is dialled again. */
  hangUp(why: string): void
  /** Tries again at once instead of at the end of the back-off. */
  hurry(): void
  close(): void
}

/** Opens a TLS connection on which the peer has proved its key. */
export type ConnectToPeer = (peer: Peer, signal: AbortSignal) => Promise<TLSSocket>

type Waiting = { resolve: (value: Json) => void; reject: (error: HoldfastError) => void }
type LinkEvents = { onUp(): void; onDown(why: string): void }

/**
 * Keeps a connection to `peer`: after a loss it dials again, waiting 50 ms at first, doubling up to 5 s, with jitter.
 * A request that is under way when the connection is lost fails; it is never sent twice.
 */
export function keepLink(peer: Peer, connect: ConnectToPeer, traffic: Traffic, events: LinkEvents): Link {
  const closing = new AbortController()
  const waiting = new Map<number, Waiting>()
  let socket: TLSSocket | undefined
  let up = false
  let nextId = 0
  const retry = backoff({ minMs: LIMITS.meshReconnectMinMs, maxMs: LIMITS.meshReconnectMaxMs })
  let wake: (() => void) | undefined

  void run()
  return {
    peer,
    isUp: () => up,
    ask,
    hangUp(why) {
      // Its words are what `serve` reports of the end.
      socket?.destroy(new Error(why))
    },
    hurry() {
      retry.reset()
      wake?.()
    },
    close() {
      closing.abort()
      wake?.()
      socket?.destroy()
    },
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      let why: string
      try {
        socket = await connect(peer, closing.signal)
        why = await serve(socket)
      } catch (error) {
        why = errorMessage(error)
      }
      socket = undefined
      if (closing.signal.aborted) return
      events.onDown(why)
      await pause()
    }
  }

  /** Reads answers until the connection ends; returns why it did. */
  function serve(connection: TLSSocket): Promise<string> {
    const read = createFrameReader()
    let why = 'the peer closed the connection (it may not know this node yet)'
    connection.setNoDelay(true)
    connection.setKeepAlive(true, LIMITS.meshReconnectMaxMs)
    connection.on('data', (chunk: Buffer) => {
      traffic.received += chunk.length
      try {
        for (const frame of read(chunk)) receive(frame)
      } catch (error) {
        why = errorMessage(error)
        connection.destroy()
      }
    })
    connection.on('error', (error) => (why = error.message))
    return new Promise((resolve) => {
      connection.on('close', () => {
        up = false
        for (const { reject } of waiting.values()) reject(closed(peer))
        waiting.clear()
        resolve(why)
      })
      if (closing.signal.aborted || connection.destroyed) connection.destroy()
    })
  }

  function receive(frame: Json): void {
    if (!up) {
      if (!isWelcome(frame)) throw new HoldfastError('INVALID_MESSAGE', 'the peer spoke before its welcome')
      up = true
      retry.reset()
      events.onUp()
      return
    }
    const answer = parseResponse(frame)
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (asked !== undefined) settle(asked, answer)
  }

  function settle({ resolve, reject }: Waiting, answer: Response): void {
    if ('ok' in answer) return resolve(answer.ok)
    const { code, message } = answer.refused
    reject(new PeerRefusal(peer.accountId, code, message))
  }

  function ask(
    type: string,
    body: Json,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<Json> {
    const connection = socket
    if (!up || connection === undefined) {
      throw new HoldfastError('PEER_NOT_CONNECTED', `cannot ask ${peer.accountId}: it is not connected`)
    }
    signal.throwIfAborted()
    if (connection.writableLength > LIMITS.meshUnsentBytes) {
      connection.destroy()
      throw new HoldfastError('PEER_CLOSED', `cannot ask ${peer.accountId}: it does not read what it is asked`)
    }
    const id = nextId++
    return new Promise<Json>((resolve, reject) => {
      const timer = setTimeout(() => give(timedOut(peer, timeoutMs)), timeoutMs)
      const onAbort = () => give(signal.reason instanceof Error ? signal.reason : closed(peer))
      const give = (error: Error) => {
        waiting.delete(id)
        done()
        reject(error)
      }
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(id, {
        resolve(value) {
          done()
          resolve(value)
        },
        reject(error) {
          done()
          reject(error)
        },
      })
      try {
        const frame = encodeFrame({ id, type, body })
        traffic.sent += frame.length
        connection.write(frame)
      } catch (error) {
        give(error as Error)
      }
    })
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake?.(), retry.next())
      wake = () => {
        clearTimeout(timer)
        wake = undefined
        resolve()
      }
    })
  }
}

function closed(peer: Peer): HoldfastError {
  return new HoldfastError('PEER_CLOSED', `the connection to ${peer.accountId} was lost while it was asked`)
}

function timedOut(peer: Peer, timeoutMs: number): HoldfastError {
  return new HoldfastError('PEER_TIMEOUT', `${peer.accountId} did not answer within ${timeoutMs} ms`)
}
