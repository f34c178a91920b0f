import { timingSafeEqual } from 'node:crypto'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { backoff, sleep } from '@holdfast/protocol/poll.ts'
import { NodeRefusedError } from './node-refused.ts'
import type { FetchShares, NodeAddress } from './ports.ts'

/** How long a node may take from the 200 of a delivery until it serves what it was given. */
const READ_BACK_WITHIN_MS = 5_000
const ASK_AGAIN = { minMs: 50, maxMs: 1_000 }

export type ReadBack = 'equal' | 'not-served'

/**
 * Asks the node for what it was given, until it serves exactly that. A node may say 200 to anything that it can decrypt, answer
 * 500 until it has imported the shares, and drop every connection whenever it reads a change of the contract (near-mpc.md 4.2,
 * 4.8): none of that is an answer yet.
 * @returns `not-served` where the node knows no such request
 * @throws HoldfastError `DELIVERY_DIFFERS` if it serves other shares, `DELIVERY_NOT_READ_BACK` if it serves none in time,
 * `KEYSHARES_UNDECRYPTABLE`; the signal's reason
 */
export async function readBack(
  destination: NodeAddress,
  keyset: Json,
  sent: readonly Keyshare[],
  node: FetchShares,
  signal: AbortSignal,
  withinMs: number = READ_BACK_WITHIN_MS,
): Promise<ReadBack> {
  const until = Date.now() + withinMs
  const waits = backoff(ASK_AGAIN)
  for (;;) {
    const trouble = await look()
    if (typeof trouble === 'string') return trouble
    const wait = waits.next()
    if (Date.now() + wait > until) throw notReadBack(destination, trouble.error)
    await sleep(wait, signal)
  }

  async function look(): Promise<ReadBack | { error: unknown }> {
    try {
      const text = await node.fetchShares(destination, keyset, signal)
      if (await holdsExactly(text, sent)) return 'equal'
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NodeRefusedError && NO_SUCH_REQUEST.has(error.status)) return 'not-served'
      if (!isPassing(error)) throw error
      return { error }
    }
    throw new HoldfastError(
      'DELIVERY_DIFFERS',
      `the node at ${destination.host}:${destination.port} took the shares and serves others: it has kept none of what was ` +
        'sent now; look at what its key storage holds, and start it with an empty one if that is of no use',
    )
  }
}

const NO_SUCH_REQUEST = new Set([404, 405])

/** Whether asking again may help: the node is not there yet, is gone for a moment, or has not kept the shares yet. */
function isPassing(error: unknown): boolean {
  if (error instanceof NodeRefusedError) return true
  return isHoldfastError(error) && (error.code.startsWith('PEER_') || PASSING.has(error.code))
}

const PASSING = new Set(['NODE_ANSWER_CUT', 'DEADLINE_EXCEEDED'])

/** The same keys and secrets, whatever their order. */
async function holdsExactly(text: string, sent: readonly Keyshare[]): Promise<boolean> {
  const { readKeyshares, wipeKeyshares } = await import('@holdfast/protocol/keyshare.ts')
  const served = readKeyshares(text, "the new node's key shares")
  try {
    const held = new Map(served.map((share) => [idOf(share), share.privateShare]))
    const equal = sent.map((share) => {
      const secret = held.get(idOf(share))
      return secret?.length === share.privateShare.length && timingSafeEqual(secret, share.privateShare)
    })
    return served.length === sent.length && equal.every(Boolean)
  } finally {
    wipeKeyshares(served)
  }
}

function idOf({ epochId, domainId, attemptId, curve, publicKey }: Keyshare): string {
  return `${epochId} ${domainId} ${attemptId} ${curve} ${Buffer.from(publicKey).toString('hex')}`
}

function notReadBack({ host, port }: NodeAddress, last: unknown): HoldfastError {
  const said = last instanceof Error ? last.message : String(last)
  return new HoldfastError(
    'DELIVERY_NOT_READ_BACK',
    `the node at ${host}:${port} took the shares and does not serve them: ${said}; they are sent again; if this goes on, ` +
      'read its log for why it does not keep them',
  )
}
