import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import type { CallContract } from '@holdfast/protocol/rpc/ports.ts'
import { NOT_COUNTED } from '../monitoring/counts.ts'
import type { AskPeer, CountWork, KeepShares, StoredShare } from '../ports.ts'
import { attemptName, type AttemptId } from '../storage/share-directory.ts'
import type { RunActions } from '../wiring/actions.ts'
import { ATTEMPT_EXPIRED, ATTEMPT_OVER, KeyEventFailure } from './ask-participant.ts'
import { createAttemptPace } from './attempt-pace.ts'
import { decideKeyEvent, type KeyEventStep } from './decide-key-event.ts'
import type { KeyEventWork } from './key-event-work.ts'
import type { MakeShare } from './make-share.ts'

/** Takes part in key generation and resharing as the contract's key events ask. */
export type KeyEventDriver = {
  /** Acts on one view; undefined where no key event asks anything of this node. */
  onView(part: KeyEventPart | undefined, blockHeight: bigint): void
  stop(): void
}

/** A key event, and as which of its participants this node takes part. */
export type KeyEventPart = { work: KeyEventWork; self: number }

type Outcome = { kind: 'underWay' } | { kind: 'stored'; stored: StoredShare } | { kind: 'failed' }
/** `expiresOn`: the block height from which on the contract takes no votes for it. */
type Running = { name: string; expiresOn: bigint; abort: AbortController; outcome: Outcome }
type Parts = {
  makeShare: MakeShare
  mesh: AskPeer
  shares: KeepShares
  contract: CallContract
  actions: RunActions
  log: Logger
  count?: CountWork
}

/** The contract's methods and this program's words for the two kinds of key event. */
const KINDS = {
  generate: { start: 'start_keygen_instance', vote: 'vote_pk', name: 'key generation', doing: 'generating a key' },
  reshare: { start: 'start_reshare_instance', vote: 'vote_reshared', name: 'resharing', doing: 'resharing a key' },
} as const

export function createKeyEventDriver({
  makeShare,
  mesh,
  shares,
  contract,
  actions,
  log,
  count = NOT_COUNTED,
}: Parts): KeyEventDriver {
  const say = changeLogger(log)
  const mayStart = createAttemptPace()
  let running: Running | undefined

  return {
    onView(part, blockHeight) {
      if (part === undefined) return abandon(blockHeight)
      const connected = new Set(mesh.connected().map(({ accountId }) => accountId))
      const step = decideKeyEvent(part.work, part.self, blockHeight, connected)
      // Who has voted still gives its packages to slower peers until the contract ends the attempt.
      const isUnderWay = step.kind === 'makeShare' || step.kind === 'waitForOthers'
      const attempt = isUnderWay ? attemptName(step.attempt) : undefined
      if (running !== undefined && running.name !== attempt) abandon(blockHeight)
      follow(step, part)
    },
    stop: () => abandon(),
  }

  function follow(step: KeyEventStep, part: KeyEventPart): void {
    const { start, name: what } = KINDS[part.work.kind]
    switch (step.kind) {
      case 'unsupported':
        return say('error', `this node cannot take part in this ${what}: it knows Frost only; cancel it by vote`, {
          protocol: step.protocol,
        })
      case 'waitForLeader':
        return say('info', `the ${what} waits for its leader to start an attempt`, { leader: step.leader })
      case 'waitForPeers':
        return say('info', `the ${what} waits for participants to connect`, { missing: step.missing })
      case 'startInstance':
        if (!mayStart(step.attempt)) return
        say('info', `starting an attempt at the ${what}`, { attempt: attemptName(step.attempt) })
        return actions.ensure(`${start} ${attemptName(step.attempt)}`, (signal) =>
          contract.call(start, keyEventArgs(step.attempt), { signal }),
        )
      case 'waitForOthers':
        return say('info', 'voted for the share made here, waiting for the others to vote', {
          attempt: attemptName(step.attempt),
        })
      case 'makeShare':
        return make(step.attempt, part)
      default:
        step satisfies never
        throw new TypeError('unknown step of a key event')
    }
  }

  function make(attempt: AttemptId, part: KeyEventPart): void {
    const name = attemptName(attempt)
    running ??= begin(attempt, part)
    const { vote } = KINDS[part.work.kind]
    const { outcome } = running
    switch (outcome.kind) {
      case 'underWay':
        return
      case 'stored':
        return actions.ensure(`${vote} ${name}`, (signal) =>
          contract.call(vote, voteArgs(part.work, attempt, outcome.stored), { signal }),
        )
      case 'failed':
        return actions.ensure(`vote_abort_key_event_instance ${name}`, (signal) =>
          contract.call('vote_abort_key_event_instance', keyEventArgs(attempt), { signal }),
        )
      default:
        outcome satisfies never
        throw new TypeError('unknown outcome of an attempt')
    }
  }

  function begin(attempt: AttemptId, part: KeyEventPart): Running {
    const name = attemptName(attempt)
    const { doing, name: what } = KINDS[part.work.kind]
    const expiresOn = part.work.event.instance?.expires_on ?? 0n
    const begun: Running = { name, expiresOn, abort: new AbortController(), outcome: { kind: 'underWay' } }
    const { signal } = begun.abort
    say('info', `${doing} with all participants`, { attempt: name })
    shareOf(attempt, part, signal)
      .then((stored) => {
        begun.outcome = { kind: 'stored', stored }
        count.keyEventAttempt(part.work.kind, 'stored')
      })
      .catch((error: unknown) => {
        begun.outcome = { kind: 'failed' }
        const isOver = signal.aborted
        const participant = error instanceof KeyEventFailure ? error.accountId : undefined
        count.keyEventAttempt(part.work.kind, isOver ? 'over' : 'failed')
        // Where others gave up, or this node stops, there is nobody to name.
        if (isOver && participant === undefined) return
        log.warn({ attempt: name, reason: errorMessage(error), participant }, `an attempt at the ${what} failed here`)
      })
      .finally(() => {
        if (!signal.aborted) make(attempt, part)
      })
    return begun
  }

  /**
   * The share of this attempt: the one on disk if this node finished it before a restart, else a new one, stored before
   * anyone learns the key. An attempt that was begun and not finished here is lost: beginning it again with other
   * secrets would give peers two different polynomials.
   */
  async function shareOf(attempt: AttemptId, part: KeyEventPart, signal: AbortSignal): Promise<StoredShare> {
    const { epochId, domainId, attemptId } = attempt
    const known = await shares.temporary(epochId, domainId, attemptId)
    if (known !== undefined) return known
    if (!(await shares.markStarted(epochId, domainId, attemptId))) {
      throw new HoldfastError('ATTEMPT_LOST', 'this node restarted during the attempt and has lost its secrets')
    }
    const stored = await makeShare(attempt, part, signal)
    await shares.storeTemporary(stored)
    return stored
  }

  function abandon(blockHeight = 0n): void {
    running?.abort.abort(
      blockHeight >= running.expiresOn
        ? new HoldfastError(ATTEMPT_EXPIRED, 'the attempt took too long for the contract')
        : new HoldfastError(ATTEMPT_OVER, 'the contract has ended this attempt'),
    )
    running = undefined
  }
}

function keyEventArgs({ epochId, domainId, attemptId }: AttemptId): Record<string, Json> {
  return { key_event_id: { epoch_id: epochId, domain_id: domainId, attempt_id: attemptId } }
}

/** `vote_pk` names the key, as near/mpc's contract takes it, and `vote_reshared` cannot change it; both, the commitments. */
function voteArgs({ kind }: KeyEventWork, attempt: AttemptId, { key, commitments }: StoredShare): Record<string, Json> {
  parseEd25519Key(key)
  return { ...keyEventArgs(attempt), ...(kind === 'generate' && { public_key: key }), commitments }
}
