import { randomUUID } from 'node:crypto'
import type { NodeAuthorization } from '@holdfast/protocol/contract-state.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Restore, Restored } from '../restore.ts'
import type { Facts } from '../status/status.ts'
import { followAlerts, type AlertBook } from './alert-book.ts'
import { conditionsOf } from './conditions.ts'
import { startCourier, type CourierOptions } from './courier.ts'
import type { Message, Notice, Sender } from './message.ts'
import { bounded, tried, without } from './outbox.ts'
import {
  authorisationEvents,
  authorisationFacts,
  contractEvents,
  deliveryEvent,
  operatorEvents,
  operatorFacts,
  type AuthorisationFacts,
  type OperatorFacts,
} from './own-operator.ts'
import type { KeepNotifierState, SendMessage } from './ports.ts'
import type { Severity } from './severity.ts'
import { NEW_STATE, type NotifierState } from './state.ts'

/** How one target is doing. */
export type TargetFacts = {
  name: string
  kind: string
  /** Messages that it has yet to be told. */
  waiting: number
  sent: number
  failed: number
  lastSentMs: number | null
  failing: { sinceMs: number; reason: string } | null
}

export type NotifierFacts = { targets: TargetFacts[]; recent: readonly Message[]; dropped: number }

/** Tells the operator what he should know. Nothing here throws or waits: being heard is not worth a backup. */
export type Notifier = {
  view(view: ContractView): void
  /** Whose contract a view is of, as `Network.label` says it. */
  network(label: string): void
  authorisation(found: NodeAuthorization): void
  /** This service has delivered, and no contract tells of it. */
  delivered(work: Pick<Restore, 'destination'>, restored: Restored): void
  facts(facts: Facts): void
  state(): NotifierFacts
  /** Says nothing more; what is unsent is kept for the next start. */
  close(): Promise<void>
}

export type NotifierOptions = {
  sender: Sender
  ownTlsKey: string
  /** The service's home directory, for the commands that messages propose. */
  home: string
  targets: readonly SendMessage[]
  keep: KeepNotifierState<NotifierState>
  log: Logger
  /** Something in `state()` changed. */
  onChange?: () => void
  now?: () => number
  lookEveryMs?: number
  courier?: Pick<CourierOptions, 'retry' | 'pace'>
}

/** Graces and reminders fall due though nothing changes. */
const LOOK_EVERY_MS = 5_000
const MOST_RECENT = 20
const LOG_LEVEL = { info: 'info', warning: 'warn', critical: 'error', emergency: 'error' } as const satisfies Record<
  Severity,
  keyof Logger
>

/**
 * Starts with what an earlier run kept: what is unsent goes out, what was told is not told again, and what changed for the
 * operator meanwhile is found by comparison with what was last seen.
 */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  const { sender, ownTlsKey, home, targets, keep, log, now = Date.now, lookEveryMs = LOOK_EVERY_MS } = options
  const onChange = options.onChange ?? (() => undefined)
  const stopping = new AbortController()
  let state = forTargets((await keep.load()) ?? NEW_STATE, targets)
  let saved = stringifyJson(state)
  let saving: Promise<void> = Promise.resolve()
  let isSaving = false
  let dropped = 0
  let latest: Facts | undefined
  const doing = new Map(targets.map(({ name }) => [name, newTarget()]))
  const couriers = targets.map((target) =>
    startCourier({
      ...options.courier,
      target,
      sender,
      outbox: () => state.outbox,
      signal: stopping.signal,
      async onSent(entry) {
        change({ outbox: [...without(state.outbox, entry)] })
        const facts = doing.get(target.name)
        if ((facts?.failing ?? null) !== null)
          log.info({ target: target.name }, 'the notification target is reached again')
        doing.set(target.name, {
          ...count(target.name),
          sent: count(target.name).sent + 1,
          lastSentMs: now(),
          failing: null,
        })
        onChange()
        // Told twice after a crash in between; never not at all.
        await saving
      },
      onFailed(entry, { reason }) {
        state = { ...state, outbox: [...tried(state.outbox, entry)] }
        const { failing, failed } = count(target.name)
        if (failing === null) log.warn({ target: target.name, reason }, 'the notification target cannot be reached')
        doing.set(target.name, {
          ...count(target.name),
          failed: failed + 1,
          failing: { sinceMs: failing?.sinceMs ?? now(), reason },
        })
        onChange()
      },
    }),
  )
  const looking = setInterval(look, lookEveryMs)
  looking.unref()

  function count(name: string): ReturnType<typeof newTarget> {
    return doing.get(name) ?? newTarget()
  }

  function look(): void {
    if (latest === undefined || stopping.signal.aborted) return
    const { book, said } = followAlerts(state.book as AlertBook, knowable(latest, state.book), now())
    state = { ...state, book: [...book] }
    tell(said.map((one) => message({ ...one, always: false }, one.kind)))
    save()
  }

  function happened(
    notices: readonly Notice[],
    known: Partial<Pick<NotifierState, 'operator' | 'network' | 'authorisation'>>,
  ): void {
    state = { ...state, ...known }
    tell(notices.map((notice) => message(notice, 'event')))
    save()
  }

  function message(notice: Notice, kind: Message['kind']): Message {
    return { ...notice, id: randomUUID(), kind, atMs: now() }
  }

  function tell(messages: readonly Message[]): void {
    if (messages.length === 0) return
    for (const { severity, kind, key, title, text } of messages)
      log[LOG_LEVEL[kind === 'resolved' ? 'info' : severity]]({ kind, key, title, text }, 'notification')
    const entries = messages.flatMap((one) =>
      targets.filter((target) => target.wants(one)).map(({ name }) => ({ target: name, message: one, tries: 0 })),
    )
    const { outbox, dropped: more } = bounded([...state.outbox, ...entries], now())
    if (more > 0) log.error({ messages: more }, 'notifications were given up: their targets cannot be reached')
    dropped += more
    change({ outbox: [...outbox], recent: [...state.recent, ...messages].slice(-MOST_RECENT) })
    onChange()
  }

  function change(changed: Partial<NotifierState>): void {
    state = { ...state, ...changed }
    save()
    for (const courier of couriers) courier.wake()
  }

  /** The newest state, once the write under way is done. Told about though it cannot be written: that is worth more. */
  function save(): void {
    if (isSaving) return
    isSaving = true
    saving = saving.then(async () => {
      isSaving = false
      const text = stringifyJson(durable(state))
      if (text === saved) return
      try {
        await keep.save(durable(state))
        saved = text
      } catch (error) {
        log.warn({ err: error }, 'what was told and what is still to be told cannot be written down')
      }
    })
  }

  return {
    view(view) {
      const operator = operatorFacts(view, sender.accountId)
      const known = state.operator as OperatorFacts | null
      if (known !== null && stringifyJson(known) === stringifyJson(operator)) return
      happened(operatorEvents(known, operator, { accountId: sender.accountId, ownTlsKey, home }), { operator })
    },
    network(label) {
      if (state.network === label) return
      happened(contractEvents(state.network, label), { network: label })
    },
    authorisation(found) {
      const after = authorisationFacts(found)
      const before = state.authorisation as AuthorisationFacts
      if (stringifyJson(before) === stringifyJson(after)) return
      happened(authorisationEvents(before, after, sender.accountId, home), { authorisation: after })
    },
    delivered: (work, restored) => happened([deliveryEvent(sender.accountId, work, restored)], {}),
    facts(facts) {
      latest = facts
      look()
    },
    state: () => ({
      targets: targets.map(({ name, kind }) => ({
        name,
        kind,
        waiting: state.outbox.filter(({ target }) => target === name).length,
        ...count(name),
      })),
      recent: state.recent,
      dropped,
    }),
    async close() {
      clearInterval(looking)
      stopping.abort()
      await Promise.all(couriers.map(({ ended }) => ended))
      save()
      await saving
    },
  }
}

function newTarget(): Omit<TargetFacts, 'name' | 'kind' | 'waiting'> {
  return { sent: 0, failed: 0, lastSentMs: null, failing: null }
}

/** What goes to a target that the config no longer names goes nowhere. */
function forTargets(state: NotifierState, targets: readonly SendMessage[]): NotifierState {
  const names = new Set(targets.map(({ name }) => name))
  return { ...state, outbox: state.outbox.filter(({ target }) => names.has(target)) }
}

/** What is worth a write: conditions that nobody was told of are found again. */
function durable(state: NotifierState): NotifierState {
  return { ...state, book: state.book.filter(({ told }) => told !== null) }
}

/**
 * After a start little is known until the contract was read: what was told before is taken to go on until then, so that a
 * restart neither calls it over nor tells it again.
 */
function knowable(facts: Facts, book: NotifierState['book']): ReturnType<typeof conditionsOf> {
  const found = conditionsOf(facts)
  if (facts.doing !== null) return found
  const keys = new Set(found.map(({ key }) => key))
  const unknown = book.filter(({ alert, told }) => told !== null && !keys.has(alert.key))
  return [...found, ...unknown.map(({ alert }) => alert)]
}
