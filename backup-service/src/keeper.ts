import { concludedKeyset } from '@holdfast/protocol/concluded-keyset.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { backoff, type Backoff } from '@holdfast/protocol/poll.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Contents, Repository } from './repository/repository.ts'
import type { LiveView, RetentionPlan } from './repository/retention.ts'
import type { CareOrder, CareResult } from './repository/care.ts'

export type KeeperSettings = {
  accountId: string
  graceMs: number
  /** False: superseded snapshots go only when the operator says so. */
  automatic: boolean
  /** How often places that are not on this machine are looked at. */
  lookMs: number
  /** Whether there is such a place. */
  isRemote: boolean
  /** How often every file everywhere is read. */
  deepMs: number
}

export const LOOK_MS = 5 * 60_000
export const DEEP_MS = 24 * 3_600_000
/** A round that leaves something to do is repeated, less and less often. */
const RETRY = { minMs: 60_000, maxMs: 5 * 60_000 }

/** Decides when a repository is looked after: only when there is something to do, for it takes a process of its own. */
export class Keeper {
  #repository: Pick<Repository, 'maintain' | 'plan'>
  #settings: KeeperSettings
  #now: () => number
  #lookedAtMs: number
  #readAtMs: number
  #retry: { waits: Backoff; atMs: number } | undefined

  constructor(repository: Pick<Repository, 'maintain' | 'plan'>, settings: KeeperSettings, now = Date.now) {
    this.#repository = repository
    this.#settings = settings
    this.#now = now
    // What was known of a place far away may be old: a service that keeps being restarted must not go on believing it.
    this.#lookedAtMs = settings.isRemote ? -Infinity : now()
    this.#readAtMs = now()
  }

  /** Before anything else: takes in what is there, and looks at every place once. */
  first(signal: AbortSignal): Promise<CareResult> {
    return this.#run({ ...this.#order(undefined, false), fresh: true }, signal)
  }

  /**
   * Looks after the repository if anything asks for it.
   * @param view the newest agreed view, where it is young enough to act on
   * @returns undefined where there was nothing to do yet
   */
  async tend(contents: Contents, view: ContractView | undefined, signal: AbortSignal): Promise<CareResult | undefined> {
    const live = view === undefined ? undefined : liveViewOf(view, this.#settings.accountId)
    const nowMs = this.#now()
    const isDeep = nowMs - this.#readAtMs >= this.#settings.deepMs
    const isLook = isDeep || nowMs - this.#lookedAtMs >= this.#settings.lookMs
    if (!isLook && this.#retry !== undefined && nowMs < this.#retry.atMs) return undefined
    if (!isLook && !contents.needsCare && !(live !== undefined && (await this.#asks(live)))) {
      this.#retry = undefined
      return undefined
    }
    const waits = this.#retry?.waits ?? backoff(RETRY)
    this.#retry = { waits, atMs: nowMs + waits.next() }
    return this.#run(this.#order(live, isDeep), signal)
  }

  async #run(order: CareOrder, signal: AbortSignal): Promise<CareResult> {
    const nowMs = this.#now()
    this.#lookedAtMs = nowMs
    if (order.deep) this.#readAtMs = nowMs
    return this.#repository.maintain(order, signal)
  }

  #order(view: LiveView | undefined, deep: boolean): CareOrder {
    const { automatic, graceMs } = this.#settings
    return { deep, fresh: false, view, prune: automatic, graceMs }
  }

  /** Whether the view changes anything about what is kept. */
  async #asks(view: LiveView): Promise<boolean> {
    const plan: RetentionPlan = await this.#repository.plan(view, this.#settings.graceMs)
    if (plan.superseded.length + plan.liveAgain.length > 0) return true
    return this.#settings.automatic && [...plan.fates.values()].some(({ kind }) => kind === 'due')
  }
}

/** What a view says about what is live, or undefined where it says nothing yet. */
export function liveViewOf(view: ContractView, accountId: string): LiveView | undefined {
  const keyset = concludedKeyset(view.state)
  if (keyset === undefined) return undefined
  const { height, timestampMs } = view.block
  return {
    keyset,
    participantId: participantOf(view.state, accountId)?.participantId,
    blockHeight: height,
    blockTimeMs: timestampMs,
  }
}
