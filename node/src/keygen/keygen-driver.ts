import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import type { CallContract } from '@holdfast/protocol/rpc/ports.ts'
import type { Participation } from '../phases/phase.ts'
import type { AskPeer, KeepShares, StoredShare } from '../ports.ts'
import { identifierOf } from '../signing/group.ts'
import { attemptName, type AttemptId } from '../storage/share-directory.ts'
import type { RunActions } from '../wiring/actions.ts'
import { createAttemptPace } from './attempt-pace.ts'
import { decideKeygen, type KeygenStep } from './decide-keygen.ts'
import { generateKey, type KeygenPlan } from './generate-key.ts'
import type { KeygenSessions } from './sessions.ts'

/** Takes part in key generation as the contract's key events ask. */
export type KeygenDriver = {
  /** Acts on one view; undefined where this node does not take part. */
  onView(participation: Participation | undefined, blockHeight: bigint): void
  stop(): void
}

type Outcome = { kind: 'underWay' } | { kind: 'stored'; stored: StoredShare } | { kind: 'failed' }
type Running = { name: string; abort: AbortController; outcome: Outcome }
type Parts = {
  sessions: KeygenSessions
  mesh: AskPeer
  shares: KeepShares
  contract: CallContract
  actions: RunActions
  log: Logger
}

export function createKeygenDriver({ sessions, mesh, shares, contract, actions, log }: Parts): KeygenDriver {
  const say = changeLogger(log)
  const mayStart = createAttemptPace()
  let running: Running | undefined

  return {
    onView(participation, blockHeight) {
      const connected = new Set(mesh.connected().map(({ accountId }) => accountId))
      const step: KeygenStep =
        participation === undefined ? { kind: 'idle' } : decideKeygen(participation, blockHeight, connected)
      // Who has voted still gives its packages to slower peers until the contract ends the attempt.
      const isUnderWay = step.kind === 'generate' || step.kind === 'waitForOthers'
      const attempt = isUnderWay ? attemptName(step.attempt) : undefined
      if (running !== undefined && running.name !== attempt) abandon()
      if (participation !== undefined) follow(step, participation)
    },
    stop: abandon,
  }

  function follow(step: KeygenStep, participation: Participation): void {
    switch (step.kind) {
      case 'idle':
        return
      case 'unsupported':
        return say(
          'error',
          'this node cannot generate this key: it knows Frost only; vote_cancel_keygen, or add a Frost domain',
          {
            protocol: step.protocol,
          },
        )
      case 'waitForLeader':
        return say('info', 'key generation waits for its leader to start an attempt', { leader: step.leader })
      case 'waitForPeers':
        return say('info', 'key generation waits for participants to connect', { missing: step.missing })
      case 'startInstance':
        if (!mayStart(step.attempt)) return
        say('info', 'starting an attempt at a key', { attempt: attemptName(step.attempt) })
        return actions.ensure(`start_keygen_instance ${attemptName(step.attempt)}`, (signal) =>
          contract.call('start_keygen_instance', keyEventArgs(step.attempt), { signal }),
        )
      case 'waitForOthers':
        return say('info', 'key generated here, waiting for the others to vote', { attempt: attemptName(step.attempt) })
      case 'generate':
        return generate(step.attempt, participation)
      default:
        step satisfies never
        throw new TypeError('unknown keygen step')
    }
  }

  function generate(attempt: AttemptId, participation: Participation): void {
    const name = attemptName(attempt)
    running ??= begin(attempt, participation)
    const { outcome } = running
    switch (outcome.kind) {
      case 'underWay':
        return
      case 'stored':
        return actions.ensure(`vote_pk ${name}`, (signal) =>
          contract.call('vote_pk', { ...keyEventArgs(attempt), ...voteArgs(outcome.stored) }, { signal }),
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

  function begin(attempt: AttemptId, participation: Participation): Running {
    const name = attemptName(attempt)
    const begun: Running = { name, abort: new AbortController(), outcome: { kind: 'underWay' } }
    const { signal } = begun.abort
    say('info', 'generating a key with all participants', { attempt: name })
    shareOf(attempt, participation, signal)
      .then((stored) => (begun.outcome = { kind: 'stored', stored }))
      .catch((error: unknown) => {
        begun.outcome = { kind: 'failed' }
        if (!signal.aborted) log.warn({ attempt: name, reason: errorMessage(error) }, 'an attempt at a key failed here')
      })
      .finally(() => {
        if (!signal.aborted) generate(attempt, participation)
      })
    return begun
  }

  /**
   * The share of this attempt: the one on disk if this node finished it before a restart, else a new one, stored before
   * anyone learns the key. An attempt that was begun and not finished here is lost: beginning it again with other
   * secrets would give peers two different polynomials.
   */
  async function shareOf(attempt: AttemptId, participation: Participation, signal: AbortSignal): Promise<StoredShare> {
    const { epochId, domainId, attemptId } = attempt
    const known = await shares.temporary(epochId, domainId, attemptId)
    if (known !== undefined) return known
    if (!(await shares.markStarted(epochId, domainId, attemptId))) {
      throw new HoldfastError('ATTEMPT_LOST', 'this node restarted during the attempt and has lost its secrets')
    }
    const plan = planOf(attempt, participation)
    const session = sessions.begin(attempt, identifierOf(plan.self), {
      min: plan.threshold,
      max: plan.others.length + 1,
    })
    const end = () => sessions.end(session)
    signal.addEventListener('abort', end, { once: true })
    try {
      const stored = await generateKey(plan, session, mesh, signal)
      await shares.storeTemporary(stored)
      return stored
    } catch (error) {
      end()
      throw error
    }
  }

  function abandon(): void {
    running?.abort.abort(new HoldfastError('ATTEMPT_OVER', 'the contract has ended this attempt'))
    running = undefined
  }
}

function planOf(attempt: AttemptId, { self, participants, keygen }: Participation): KeygenPlan {
  return {
    attempt,
    self: self.participantId,
    others: participants.filter(({ participantId }) => participantId !== self.participantId),
    threshold: keygen?.domain.reconstruction_threshold ?? 0,
  }
}

function keyEventArgs({ epochId, domainId, attemptId }: AttemptId): Record<string, Json> {
  return { key_event_id: { epoch_id: epochId, domain_id: domainId, attempt_id: attemptId } }
}

/** The key as near/mpc's contract takes it in `vote_pk`: the near text; beside it Holdfast's commitments. */
function voteArgs({ key, commitments }: StoredShare): Record<string, Json> {
  parseEd25519Key(key)
  return { public_key: key, commitments }
}
