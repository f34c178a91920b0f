import type { ClientRequest, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { http } from '@holdfast/protocol/rpc/http.ts'
import { channelError, connectPinned, sharesChannelKey } from '@holdfast/protocol/tls-channel.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { NodeRefusedError } from '../node-refused.ts'
import type { DeliverShares, FetchShares, NodeAddress } from '../ports.ts'

/** One deadline for connecting, asking and reading, as near/mpc's client has: its node may need many seconds for a thousand keys. */
export const EXCHANGE_DEADLINE_MS = 30_000
const CONNECT_DEADLINE_MS = 5_000
/** Base64 of a thousand shares is 0.5 MB. */
export const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024
const LONGEST_QUOTE = 160

export type MutualTlsNodeOptions = {
  identity: TlsIdentity
  /** The AES key shared with a near/mpc node; without it the key comes from the TLS session. */
  nearMpcKey?: Uint8Array
  /** That of the node that the operator moves to, where it is another: each node has one of the two. */
  newNodeKey?: Uint8Array
  deadlineMs?: number
}

/**
 * near/mpc's key-share requests over mutual TLS (near-mpc.md 4.3, 4.6, 4.8), one connection per request. On node:http
 * and not undici, because the request has to go over the very socket whose peer was pinned and whose session gives the
 * key, a pool has nothing to pool here, and it costs no memory beyond what node:tls has loaded already.
 */
export function mutualTlsNode(options: MutualTlsNodeOptions): FetchShares & DeliverShares {
  const { identity, nearMpcKey, newNodeKey, deadlineMs = EXCHANGE_DEADLINE_MS } = options
  const keys = [nearMpcKey, newNodeKey].filter((key) => key !== undefined)

  async function exchange<T>(
    node: NodeAddress,
    what: string,
    signal: AbortSignal,
    act: (socket: TLSSocket) => Promise<T>,
  ): Promise<T> {
    return withDeadline(
      async (limited) => {
        const socket = await connectPinned({
          host: node.host,
          port: node.port,
          identity,
          expectedPeerKey: node.tlsPublicKey,
          deadlineMs: Math.min(CONNECT_DEADLINE_MS, deadlineMs),
          signal: limited,
        })
        // Between the handshake and the request nobody else listens, and an unheard error would end the process.
        socket.on('error', () => undefined)
        const abort = (): void => void socket.destroy()
        limited.addEventListener('abort', abort, { once: true })
        try {
          limited.throwIfAborted()
          return await act(socket)
        } finally {
          limited.removeEventListener('abort', abort)
          socket.destroy()
        }
      },
      deadlineMs,
      signal,
      `${what} ${node.host}:${node.port}`,
    )
  }

  return {
    fetchShares: (node, keyset, signal) =>
      exchange(node, 'fetching key shares from', signal, async (socket) => {
        const body = stringifyJson(keyset)
        // The session is gone once the node has closed the connection.
        const usable = keys.length > 0 ? keys : [sharesChannelKey(socket)]
        return decryptWithOneOf(await send(socket, { method: 'GET', path: '/get_keyshares', node, body }), usable)
      }),
    async deliverShares(node, shares, signal) {
      const { serializeKeyshares } = await import('@holdfast/protocol/keyshare.ts')
      const text = serializeKeyshares(shares)
      const put = (key: Uint8Array | undefined): Promise<void> =>
        exchange(node, 'delivering key shares to', signal, async (socket) => {
          const body = encryptKeyshares(text, key ?? sharesChannelKey(socket))
          await send(socket, { method: 'PUT', path: '/set_keyshares', node, body })
        })
      try {
        await put(keys[0]).catch((error: unknown) => {
          if (keys.length < 2 || !isOtherKey(error)) throw error
          return put(keys[1])
        })
      } catch (error) {
        const field = keys.length === 0 ? 'near_mpc_key_file' : 'near_mpc_new_node_key_file'
        throw receiverGone(error, node) ?? otherKey(error, node, field) ?? error
      }
    },
  }
}

/** @throws HoldfastError as `decryptKeyshares` with the last of the keys */
function decryptWithOneOf(answer: string, [key, ...others]: readonly Uint8Array[]): string {
  if (key === undefined) throw new TypeError('no key to decrypt with')
  try {
    return decryptKeyshares(answer, key)
  } catch (error) {
    if (others.length === 0 || !isHoldfastError(error, 'KEYSHARES_UNDECRYPTABLE')) throw error
    return decryptWithOneOf(answer, others)
  }
}

/** A near/mpc node's words for a body that its key does not open (near-mpc.md 4.3). */
function isOtherKey(error: unknown): error is NodeRefusedError {
  return error instanceof NodeRefusedError && error.status === 400 && /invalid json or encryption/i.test(error.said)
}

function otherKey(error: unknown, { host, port }: NodeAddress, field: string): HoldfastError | undefined {
  if (!isOtherKey(error)) return undefined
  return new HoldfastError(
    'DESTINATION_OTHER_KEY',
    `the node at ${host}:${port} cannot open what it was sent: its backup encryption key is another; put its ` +
      `backup_encryption_key_hex into a file of mode 0600, name that in config.json as ${field}, and start the backup service again`,
    { cause: error },
  )
}

type ShareRequest = { method: 'GET' | 'PUT'; path: string; node: NodeAddress; body: string }

/** The body of the 200 that answers the request. */
async function send(socket: TLSSocket, { method, path, node, body }: ShareRequest): Promise<string> {
  const where = `${node.host}:${node.port}`
  const host = node.host.includes(':') ? `[${node.host}]:${node.port}` : where
  // A GET's body gets no framing header by itself.
  const headers = { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  // No `agent`, not even false: with one, Node ignores createConnection and opens a connection in the clear.
  const asked = http.request({ method, path, headers, createConnection: () => socket })
  try {
    const response = await answerTo(asked, body).catch((error: unknown) => {
      throw unanswered(where, error)
    })
    const answer = await readBody(response, where)
    if (response.statusCode === 200) return answer
    throw refusal(where, path, response.statusCode ?? 0, answer)
  } finally {
    asked.destroy()
  }
}

function answerTo(asked: ClientRequest, body: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  asked.once('response', resolve)
  // Stays attached: an error may still come after the answer, and an unheard one would end the process.
  asked.on('error', reject)
  asked.end(body)
  return promise
}

async function readBody(response: IncomingMessage, where: string): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > LARGEST_ANSWER_BYTES) {
        throw new HoldfastError(
          'NODE_ANSWER_TOO_LARGE',
          `cannot read the answer of the node at ${where}: found more than ${LARGEST_ANSWER_BYTES} bytes`,
        )
      }
      chunks.push(chunk)
    }
  } catch (error) {
    if (isHoldfastError(error)) throw error
    throw new HoldfastError(
      'NODE_ANSWER_CUT',
      `the node at ${where} stopped in the middle of its answer, after ${length} bytes: ${errorMessage(error)}`,
    )
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refusal(where: string, path: string, status: number, answer: string): NodeRefusedError {
  const said = quotable(answer)
  return new NodeRefusedError(status, said, `the node at ${where} answered ${path} with ${status}: ${said}`)
}

/** near/mpc's node, once it has been active, until it is started again (near-mpc.md 4.3; issue 3406 there). */
const RECEIVER_GONE = 'keyshares receiver channel is closed'

function receiverGone(error: unknown, { host, port }: NodeAddress): HoldfastError | undefined {
  if (!(error instanceof NodeRefusedError) || !error.said.includes(RECEIVER_GONE)) return undefined
  return new HoldfastError(
    'DESTINATION_NEEDS_RESTART',
    `the node at ${host}:${port} takes no key shares until it is started again: it has taken part before, and stopped waiting ` +
      'for any then; restart it, the shares are sent as soon as it is back',
    { cause: error },
  )
}

/** A node's sentence without anything long enough to be a share, whatever a faulty node may put in it. */
function quotable(answer: string): string {
  const text = answer
    .slice(0, 4 * LONGEST_QUOTE)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/[0-9A-Za-z+/=]{32,}/g, '…')
    .trim()
  return text === '' ? 'no explanation' : text.slice(0, LONGEST_QUOTE)
}

function unanswered(where: string, error: unknown): HoldfastError {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  if (code?.startsWith('HPE_') !== true) return channelError(error, where)
  return new HoldfastError(
    'NODE_ANSWER_INVALID',
    `the node at ${where} answered with something other than HTTP (${code})`,
  )
}
