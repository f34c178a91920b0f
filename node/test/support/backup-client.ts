import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { parseKeyshares, serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { connectPinned, sharesChannelKey } from '@holdfast/protocol/tls-channel.ts'
import { createTlsIdentity, type TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { Machine } from './network.ts'

export type Reply = { status: number; body: string }

export function newIdentity(): TlsIdentity {
  return createTlsIdentity(randomBytes(32))
}

/** Opens a connection to a machine's key-share server, pinned to its key. */
export function connectTo(machine: Machine, identity: TlsIdentity): Promise<TLSSocket> {
  const { listen } = machine.config
  return connectTls(listen.host, listen.keyshares_port, identity, machine.keys.tlsPublicKey)
}

export function connectTls(
  host: string,
  port: number,
  identity: TlsIdentity,
  expectedPeerKey: Ed25519KeyText,
): Promise<TLSSocket> {
  return connectPinned({ host, port, identity, expectedPeerKey, deadlineMs: 5_000 })
}

/** Sends raw bytes and reads one answer with a content-length, or what came until the connection ended. */
export function exchange(socket: TLSSocket, request: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received = ''
    const onData = (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const reply = parseReply(received)
      if (reply !== undefined) done(() => resolve(reply))
    }
    const onEnd = () =>
      done(() => (received === '' ? reject(new Error('closed without an answer')) : resolve(parsePartial(received))))
    const onError = (error: Error) => done(() => reject(error))
    const done = (settle: () => void) => {
      socket.off('data', onData).off('close', onEnd).off('error', onError)
      socket.on('error', () => undefined)
      settle()
    }
    socket.on('data', onData).on('close', onEnd).on('error', onError)
    socket.write(request)
  })
}

/** A keyset request as near/mpc's client sends it: absolute form, no Host, a body on a GET. */
export function getRequest(keyset: string): string {
  return `GET http://example/get_keyshares HTTP/1.1\r\ncontent-length: ${Buffer.byteLength(keyset)}\r\n\r\n${keyset}`
}

export function putRequest(body: string): string {
  return `PUT http://example/set_keyshares HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

export async function fetchShares(machine: Machine, identity: TlsIdentity, keyset: string): Promise<Keyshare[]> {
  const socket = await connectTo(machine, identity)
  try {
    const { status, body } = await exchange(socket, getRequest(keyset))
    if (status !== 200) throw new Error(`${status} ${body}`)
    return parseKeyshares(decryptKeyshares(body, sharesChannelKey(socket)), 'the shares')
  } finally {
    socket.destroy()
  }
}

export async function deliverShares(machine: Machine, identity: TlsIdentity, shares: Keyshare[]): Promise<Reply> {
  const socket = await connectTo(machine, identity)
  try {
    return await exchange(socket, putRequest(encryptKeyshares(serializeKeyshares(shares), sharesChannelKey(socket))))
  } finally {
    socket.destroy()
  }
}

function parseReply(text: string): Reply | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end)
  if (head.startsWith('HTTP/1.1 100')) return parseReply(text.slice(end + 4))
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  const body = text.slice(end + 4)
  if (length === undefined || body.length < Number(length)) return undefined
  return { status: statusOf(head), body: body.slice(0, Number(length)) }
}

function parsePartial(text: string): Reply {
  return { status: statusOf(text), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

function statusOf(head: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
}
