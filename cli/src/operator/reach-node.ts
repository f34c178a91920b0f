import { randomBytes } from 'node:crypto'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { connectPinned } from '@holdfast/protocol/tls-channel.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'

const DEADLINE_MS = 10_000

/**
 * Whether a node answers at its url under its TLS key, before the contract sends everybody there. It is dialled with a key
 * that nobody knows, and asked for nothing.
 * @throws HoldfastError `DESTINATION_UNREACHABLE`, `DESTINATION_WRONG_KEY`
 */
export async function reachNode(
  { url, tlsKey }: { url: string; tlsKey: Ed25519KeyText },
  signal: AbortSignal,
): Promise<void> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const identity = createTlsIdentity(randomBytes(32))
  try {
    const dial = { host, port: Number(port), identity, expectedPeerKey: tlsKey, deadlineMs: DEADLINE_MS, signal }
    const socket = await connectPinned(dial)
    socket.destroy()
  } catch (error) {
    if (signal.aborted) throw error
    if (isHoldfastError(error, 'PEER_WRONG_KEY')) {
      throw new HoldfastError(
        'DESTINATION_WRONG_KEY',
        `another node than the one with TLS key ${tlsKey} answers at ${url}; compare both with what the new machine says ` +
          '(holdfast keys, and url in its config.json)',
        { cause: error },
      )
    }
    throw new HoldfastError(
      'DESTINATION_UNREACHABLE',
      `the new node does not answer at ${url}: ${errorMessage(error)}; start it first (holdfast node run), or where only ` +
        'this machine cannot reach it, use --no-dial',
      { cause: error },
    )
  }
}
