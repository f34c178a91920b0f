import { randomUUID } from 'node:crypto'
import { serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { ApprovalFacts, ApprovalPolicy } from '../../src/approval/approval.ts'
import type { FollowRequest } from '../../src/approval/follow-request.ts'
import { HOLDFAST } from '../../src/network/holdfast.ts'
import type { Network, RestoreRequest } from '../../src/network/port.ts'
import type {
  ConfirmDelivery,
  DeliverShares,
  FetchShares,
  NodeAddress,
  ObserveContract,
  Observation,
  SealAtRest,
} from '../../src/ports.ts'
import type { Calm, Upkeep } from '../../src/upkeep/upkeep.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** An observer that shows what the test tells it to. */
export class ScriptedObserver implements ObserveContract {
  network: Network = HOLDFAST
  #queue: (Observation | 'end')[] = []
  #wake: (() => void) | undefined

  show(view: ContractView): void {
    this.#push({ kind: 'view', view, network: this.network })
  }
  fail(error: unknown): void {
    this.#push({ kind: 'trouble', error })
  }
  end(): void {
    this.#push('end')
  }
  #push(item: Observation | 'end'): void {
    this.#queue.push(item)
    this.#wake?.()
  }

  async *observe(signal: AbortSignal): AsyncGenerator<Observation> {
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
    while (!signal.aborted) {
      const item = this.#queue.shift()
      if (item === 'end') return
      if (item !== undefined) {
        yield item
        continue
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

/** A node in memory: what it gives, what it was given, and how it misbehaves. */
export class FakeNode implements FetchShares, DeliverShares {
  asked: NodeAddress[] = []
  /** When, in milliseconds. */
  askedAt: number[] = []
  given: { node: NodeAddress; shares: Keyshare[] }[] = []
  /** How many requests were aborted. */
  givenUp = 0
  #answer: (signal: AbortSignal, keyset: Json) => Promise<Keyshare[]>

  private constructor(answer: (signal: AbortSignal, keyset: Json) => Promise<Keyshare[]>) {
    this.#answer = answer
  }

  static holding(shares: () => Keyshare[]): FakeNode {
    return new FakeNode(async () => shares())
  }
  /** Gives what it holds of the keyset that it is asked for. */
  static answering(shares: () => Keyshare[]): FakeNode {
    return new FakeNode(async (_, keyset) => {
      const asked = new Set(parseKeyset(keyset, 'the asked keyset').domains.map(({ domain_id }) => domain_id))
      return shares().filter(({ domainId }) => asked.has(domainId))
    })
  }
  static failing(code = 'PEER_UNREACHABLE'): FakeNode {
    return new FakeNode(async () => {
      throw new HoldfastError(code, 'cannot reach the node: made up')
    })
  }
  static hanging(): FakeNode {
    return new FakeNode(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    )
  }

  /** From now on it behaves as another one. */
  become(other: FakeNode): void {
    this.#answer = other.#answer
  }

  #note(node: NodeAddress, signal: AbortSignal): void {
    this.asked.push(node)
    this.askedAt.push(performance.now())
    signal.addEventListener('abort', () => (this.givenUp += 1), { once: true })
  }

  async fetchShares(node: NodeAddress, keyset: Json, signal: AbortSignal): Promise<string> {
    this.#note(node, signal)
    return serializeKeyshares(await this.#answer(signal, keyset))
  }

  async deliverShares(node: NodeAddress, shares: Keyshare[], signal: AbortSignal): Promise<void> {
    this.#note(node, signal)
    await this.#answer(signal, { epoch_id: 0, domains: [] })
    this.given.push({ node, shares: structuredClone(shares) })
  }
}

/** Keeps what was confirmed; refuses while `refusal` is set. */
export class FakeContract implements ConfirmDelivery {
  confirmed: { tls_public_key: string; keyset_digest: string }[] = []
  refusal: Error | undefined

  async confirmDelivery(delivery: { tls_public_key: string; keyset_digest: string }): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal
    this.confirmed.push(delivery)
  }
}

/** A person who says what the test tells him to. */
export class FakeApproval implements FollowRequest {
  facts: ApprovalFacts

  private constructor(policy: ApprovalPolicy) {
    this.facts = { policy, firstSeenMs: undefined, answers: { kind: 'read', answers: [] } }
  }
  static auto(): FakeApproval {
    return new FakeApproval({ mode: 'auto' })
  }
  static holding(minutes: number): FakeApproval {
    return new FakeApproval({ mode: 'hold', minutes })
  }
  say(answers: ApprovalFacts['answers']): void {
    this.facts = { ...this.facts, answers }
  }
  async consult(request: RestoreRequest | undefined, blockTimeMs: number): Promise<ApprovalFacts | undefined> {
    if (request === undefined) return undefined
    this.facts = { ...this.facts, firstSeenMs: this.facts.firstSeenMs ?? blockTimeMs }
    return this.facts
  }
}

/** No encryption, but an unchanged text is required to open it. */
export const plainSeal: SealAtRest = plainSealOf('plain')

/** As `plainSeal`, with an identity of its own. */
export function plainSealOf(identityId: string, recipients = [`${identityId} recipient`]): SealAtRest {
  const start = `sealed for ${identityId} `
  const openText = (sealed: Uint8Array): string => {
    const text = Buffer.from(sealed).toString()
    const [, length, plaintext] = /^([0-9]+) (.*)$/s.exec(text.startsWith(start) ? text.slice(start.length) : '') ?? []
    if (plaintext === undefined || plaintext.length !== Number(length)) {
      throw new HoldfastError('SNAPSHOT_UNDECRYPTABLE', 'cannot decrypt a snapshot: made up')
    }
    return plaintext
  }
  const sealText = (text: string): Uint8Array => Buffer.from(`${start}${text.length} ${text}`)
  return {
    identityId,
    recipients: async () => recipients,
    seal: async (plaintext) => {
      const key = `key ${randomUUID()}`
      return { data: sealText(`${key}${plaintext}`), key: sealText(key) }
    },
    open: async ({ data, key }) => {
      const [own, text] = [openText(key), openText(data)]
      if (!/^key .{36}$/.test(own) || !text.startsWith(own))
        throw new HoldfastError('SNAPSHOT_UNDECRYPTABLE', 'cannot decrypt a snapshot: made up')
      return text.slice(own.length)
    },
    openDirect: async (ciphertext) => openText(ciphertext),
  }
}

/** Keeps what the loop told it. */
export class FakeUpkeep implements Upkeep {
  told: (Calm | undefined)[] = []
  recalled = 0
  closed = 0

  consider(calm: Calm | undefined): void {
    this.told.push(calm)
  }
  async recall(): Promise<void> {
    this.recalled += 1
  }
  async close(): Promise<void> {
    this.closed += 1
  }
}
