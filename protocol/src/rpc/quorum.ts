import { errorMessage, HoldfastError } from '../errors.ts'
import type { Json } from '../json.ts'
import { sleep } from '../poll.ts'
import {
  agreedAnswer,
  candidateBlocks,
  contradictingHeads,
  headsSuffice,
  LAG_BLOCKS,
  sameBlock,
  type Head,
  type Vote,
} from './agreement.ts'
import { distinctNames } from './endpoint-names.ts'
import { createEndpointHealth } from './endpoint-health.ts'
import { blockByHash, callView, finalBlock, type ViewAnswer } from './near-queries.ts'
import type { BlockReference, EndpointEvent, RpcEndpoint } from './ports.ts'
import { RpcError } from './rpc-error.ts'

export type View = { method: string; args: Json }
/** What a quorum says: the block, and each view's answer at it, in the order asked. */
export type Agreed = { block: BlockReference; answers: ViewAnswer[] }

/** How long a read waits for the remaining prompt endpoints once a quorum has given its heads. */
const GRACE_MS = 250
/** Candidates tried per read: more than one only where endpoints contradict each other. */
const MOST_CANDIDATES = 4

export type QuorumOptions = {
  endpoints: readonly RpcEndpoint[]
  /** How many must give the same answer. */
  quorum: number
  onEndpoint: (event: EndpointEvent) => void
  /** Throws for a block that must not be acted on. Such a block is not remembered: later ones may be older. */
  checkBlock: (block: BlockReference) => void
}

/**
 * Endpoints as one reader: `ask` gives what `quorum` of them agree on at the newest block that so many have reached, never
 * at an older block than before. A block the caller knows already is not asked about again: `answers` is then empty.
 */
export function createQuorum({ endpoints, quorum, onEndpoint, checkBlock }: QuorumOptions) {
  const names = distinctNames(endpoints.map((endpoint) => endpoint.name))
  const health = createEndpointHealth(names, onEndpoint)
  /** Requests for heads under way: an endpoint that hangs is not asked again meanwhile. */
  const asking = new Map<number, Promise<Head | undefined>>()
  const trouble = new Map<number, string>()
  let floor: BlockReference | undefined

  function headOf(index: number, endpoint: RpcEndpoint): Promise<Head | undefined> {
    const running = asking.get(index)
    if (running !== undefined) return running
    const head = finalBlock(endpoint)
      .then((block) => {
        trouble.delete(index)
        return { endpoint: index, block }
      })
      .catch((error: unknown) => {
        failed(index, error)
        return undefined
      })
      .finally(() => asking.delete(index))
    asking.set(index, head)
    return head
  }

  function failed(index: number, error: unknown) {
    trouble.set(index, errorMessage(error))
    // It has reached this height, so a block it does not know is one that somebody else made up.
    if (error instanceof RpcError && error.causeName === 'UNKNOWN_BLOCK') return
    health.report(index, 'unreachable', errorMessage(error))
  }

  async function heads(signal: AbortSignal): Promise<Head[]> {
    const found: Head[] = []
    const pending = new Set(endpoints.keys())
    const { promise: enough, resolve: suffices } = Promise.withResolvers<void>()
    const all = endpoints.map(async (endpoint, index) => {
      const head = await headOf(index, endpoint)
      pending.delete(index)
      if (head !== undefined) found.push(head)
      if (headsSuffice(found, quorum, floor)) suffices()
    })
    const everything = Promise.all(all)
    await abortable(Promise.race([everything, enough]), signal)
    const prompt = Promise.all(all.filter((_, index) => health.isPrompt(index)))
    await abortable(atMost(prompt, GRACE_MS), signal)
    for (const index of endpoints.keys()) health.setPrompt(index, !pending.has(index))
    return [...found]
  }

  async function vote(head: Head, block: BlockReference, contractId: string, views: readonly View[]) {
    const endpoint = endpoints[head.endpoint]
    if (endpoint === undefined) throw new RangeError('no such endpoint')
    const [seen, ...answers] = await Promise.all([
      sameBlock(head.block, block) ? block : blockByHash(endpoint, block.hash),
      ...views.map((view) => callView(endpoint, { ...view, contractId, blockHash: block.hash })),
    ])
    return { seen, answers }
  }

  /** What a quorum says about one block, as soon as it is clear; votes that come later are still judged. */
  function askAbout(
    block: BlockReference,
    voters: readonly Head[],
    contractId: string,
    views: readonly View[],
  ): Promise<Agreed | Vote[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Agreed | Vote[]>()
    const votes: (Vote & Agreed)[] = []
    let agreed: string | undefined
    let open = voters.length
    const judge = ({ endpoint, answer }: Vote) => {
      if (agreed === undefined) return
      if (answer === agreed) health.report(endpoint, 'recovered', 'it agrees with the others again')
      else health.report(endpoint, 'lied', `its answer at block ${block.height} differs from that of ${quorum} others`)
    }
    const cast = async (head: Head) => {
      const { seen, answers } = await vote(head, block, contractId, views)
      const ballot = { endpoint: head.endpoint, answer: answerText(seen, answers), block: seen, answers }
      votes.push(ballot)
      if (agreed !== undefined) return judge(ballot)
      agreed = agreedAnswer(votes, quorum)
      const winner = votes.find(({ answer }) => answer === agreed)
      if (winner === undefined) return
      // Whoever named this block lied about its height or time: that must not lead the others to an older one.
      resolve(sameBlock(winner.block, block) ? winner : votes)
      votes.forEach(judge)
    }
    for (const head of voters) {
      cast(head)
        .catch((error: unknown) => failed(head.endpoint, error))
        .finally(() => {
          open -= 1
          if (open === 0) resolve(votes)
        })
        .catch(reject)
    }
    if (voters.length === 0) resolve([])
    return promise
  }

  function noteHeads(found: readonly Head[], block: BlockReference) {
    for (const head of found) {
      const behind = block.height - head.block.height
      if (behind > LAG_BLOCKS) health.report(head.endpoint, 'lagging', `its final block is ${behind} blocks behind`)
      else if (behind === 0n && !sameBlock(head.block, block)) {
        health.report(head.endpoint, 'lied', `it names another final block of height ${block.height}`)
      }
    }
  }

  return {
    async ask(
      contractId: string,
      views: readonly View[],
      signal: AbortSignal,
      known: BlockReference | undefined,
    ): Promise<Agreed> {
      signal.throwIfAborted()
      const found = await heads(signal)
      if (found.length < quorum) throw unavailable(names, trouble, found.length, quorum)
      const contradicting = new Set(contradictingHeads(found))
      for (const block of candidateBlocks(found, quorum, floor).slice(0, MOST_CANDIDATES)) {
        const voters = found.filter((head) => head.block.height >= block.height)
        const outcome =
          known !== undefined && sameBlock(known, block)
            ? { block, answers: [] }
            : await abortable(askAbout(block, voters, contractId, views), signal)
        if (!Array.isArray(outcome)) {
          checkBlock(outcome.block)
          floor = outcome.block
          noteHeads(found, outcome.block)
          return outcome
        }
        if (new Set(outcome.map(({ answer }) => answer)).size > 1) {
          for (const { endpoint } of outcome) contradicting.add(endpoint)
        }
      }
      if (contradicting.size > 0)
        throw disagreed(
          [...contradicting].map((index) => names[index] ?? ''),
          quorum,
        )
      throw unavailable(names, trouble, 0, quorum)
    },
  }
}

function answerText(block: BlockReference, answers: readonly ViewAnswer[]): string {
  return JSON.stringify([
    block.hash,
    String(block.height),
    block.timestampMs,
    ...answers.map((answer) =>
      answer.kind === 'returned' ? answer.bytes.toString('latin1') : { refused: answer.reason },
    ),
  ])
}

function unavailable(names: readonly string[], trouble: Map<number, string>, found: number, quorum: number) {
  const why = [...trouble].map(([index, sentence]) => sentence || names[index]).join('; ')
  return new HoldfastError(
    'RPC_UNAVAILABLE',
    `cannot read the contract: ${found} of ${names.length} RPC endpoints gave a usable answer, expected at least ` +
      `${quorum}${why === '' ? '' : `: ${why}`}`,
  )
}

function disagreed(names: readonly string[], quorum: number): HoldfastError {
  return new HoldfastError(
    'VIEW_DISAGREED',
    `cannot read the contract: ${names.join(', ')} contradict each other and no ${quorum} of the RPC endpoints agree; ` +
      'find out which one lies and replace it',
  )
}

/** Stops waiting, not the act: requests have deadlines of their own, and late answers still tell about endpoints. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}

/** Waits for a promise that never rejects, but not longer than `ms`. */
async function atMost(promise: Promise<unknown>, ms: number): Promise<void> {
  const done = new AbortController()
  const time = sleep(ms, done.signal).catch(() => undefined)
  await Promise.race([promise, time])
  done.abort()
}
