import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { backoff, withDeadline } from '@holdfast/protocol/poll.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { noteConcluding, noteTookPart, type Tombstone } from '../identity/life.ts'
import type { KeyEventDriver, KeyEventPart } from '../key-events/key-event-driver.ts'
import type { KeyshareServer } from '../keyshare-server/keyshare-server.ts'
import { LIMITS } from '../limits.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { peerOf, type Peer } from '../mesh/peer.ts'
import { decidePhase } from '../phases/decide-phase.ts'
import { waitsFor } from '../phases/describe-phase.ts'
import type { OwnFacts } from '../phases/facts.ts'
import type { Participation, Phase, Supersession } from '../phases/phase.ts'
import type { KeepShares } from '../ports.ts'
import { holdsAll } from '../recovery/recovery-driver.ts'
import type { RepairDriver } from '../repair/repair-driver.ts'
import { createFactsReader } from './contract-facts.ts'
import type { Situation } from './situation.ts'
import { createTrialSettler } from './settle-trial.ts'
import type { Waker } from './waker.ts'

export type FollowParts = {
  home: string
  own: OwnFacts
  /** A view of an older block is not acted on: this node knows something newer. */
  notedHeight: bigint
  pollMs: number
  reader: ReadContract
  situation: Situation
  shares: KeepShares
  mesh: Mesh
  keyshareServer: KeyshareServer
  keyEvents: KeyEventDriver
  recovery: { onView(phase: Phase, view: ContractView): void }
  repair: RepairDriver
  wake: Waker
  /** Called after every look at the chain, whatever it came to. */
  onTick: () => void
  log: Logger
  signal: AbortSignal
}

/** How following ended; for `superseded`, what the tombstone is to say. */
export type Ending = { kind: 'stopped' } | { kind: 'superseded'; why: Supersession; tombstone: Tombstone }

/**
 * The node's main loop: read the newest final view, decide the phase, act on it, wait for the next poll or for something
 * here that changes what to do. A view that cannot be read changes nothing; what was known goes stale by itself.
 */
export async function followContract(parts: FollowParts): Promise<Ending> {
  const {
    home,
    own,
    notedHeight,
    pollMs,
    reader,
    situation,
    shares,
    mesh,
    keyshareServer,
    keyEvents,
    recovery,
    repair,
    wake,
    onTick,
    log,
    signal,
  } = parts
  const readFacts = createFactsReader(reader, own)
  const settleTrial = createTrialSettler(shares, log)
  const sayPhase = changeLogger(log)
  const sayTrouble = changeLogger(log)
  const sayCheck = changeLogger(log)
  const troublePause = backoff({ minMs: pollMs, maxMs: Math.max(pollMs, LIMITS.troubleMaxMs) })
  let { tookPart, concludesAs } = own
  let since = Date.now()
  let lastKind = ''

  while (!signal.aborted) {
    let pauseMs = pollMs
    try {
      const view = await withDeadline((s) => reader.readView(s), LIMITS.viewMs, signal, 'reading the contract')
      if (view.block.height < notedHeight) throw olderThanNoted(view, notedHeight)
      const facts = await withDeadline((s) => readFacts(view, s), LIMITS.viewMs, signal, 'reading the contract')
      const phase = decidePhase({ ...own, tookPart, concludesAs }, facts)
      await settleTrial(phase)
      if (phase.kind === 'superseded') {
        situation.set(phase, view)
        return { kind: 'superseded', why: phase.why, tombstone: tombstoneOf(phase, view) }
      }
      if (phase.kind === 'participating' && !tookPart) {
        await noteTookPart(home, { tls_public_key: own.tlsKey, block_height: view.block.height })
        tookPart = true
      }
      if (phase.kind === 'awaitingShares' && holdsAll(shares, phase.keyset)) await noteConclusion(view)
      // First, so that whoever is told of a concluded key is also given its share.
      const promotion = phase.kind === 'participating' ? await promote(phase.keyset) : undefined
      situation.set(phase, view)
      tell(phase)
      keyshareServer.keepOnly(view.migrationInfo[own.accountId]?.[0]?.public_key)
      mesh.setPeers(peersIn(phase))
      recovery.onView(phase, view)
      repair.onView(phase)
      keyEvents.onView(keyEventPart(phase), view.block.height)
      if (promotion !== undefined) throw promotion
      if (phase.kind === 'participating') check(phase)
      sayTrouble('debug', 'the contract is followed')
      troublePause.reset()
      if (isHurried(phase) && Date.now() - since < LIMITS.hurryForMs) pauseMs = Math.min(pollMs, LIMITS.hurriedPollMs)
    } catch (error) {
      if (signal.aborted) break
      sayTrouble('warn', 'the node cannot act on the contract, trying again', { reason: errorMessage(error) })
      pauseMs = troublePause.next()
    }
    onTick()
    await wake.pause(pauseMs, signal)
  }
  return { kind: 'stopped' }

  function tell(phase: Phase): void {
    if (phase.kind !== lastKind) {
      log.info(
        { phase: phase.kind, from: lastKind === '' ? 'starting' : lastKind, after_ms: Date.now() - since },
        'the phase changed',
      )
      lastKind = phase.kind
      since = Date.now()
    }
    const wait = waitsFor(phase)
    const isProblem = phase.kind === 'authorizedKeysDiffer'
    if (wait !== undefined)
      sayPhase(isProblem ? 'error' : 'info', 'the node waits', { phase: phase.kind, waiting_for: wait })
  }

  async function noteConclusion({ state, block }: ContractView): Promise<void> {
    const incarnation = (participantOf(state, own.accountId)?.info.incarnation ?? 0n) + 1n
    if (concludesAs === incarnation) return
    await noteConcluding(home, { tls_public_key: own.tlsKey, incarnation, block_height: block.height })
    concludesAs = incarnation
  }

  /** A failure is returned: a full disk must not keep the node from signing with the keys it has. */
  async function promote(keyset: Keyset): Promise<unknown> {
    try {
      const domains = await shares.promote(keyset)
      if (domains.length > 0) {
        const facts = { epoch_id: keyset.epoch_id, domains: domains.map(String) }
        log.info(facts, 'the contract concluded keys, their shares are permanent')
      }
      return undefined
    } catch (error) {
      return error
    }
  }

  /** What is wrong with a participant although it takes part. */
  function check({ self, keyset }: Participation): void {
    const missing = keyset.domains.filter((key) => shares.held(keyset.epoch_id, key) === undefined)
    if (missing.length > 0) {
      sayCheck(
        'warn',
        'this node takes part without a share of some keys; set it up in a new home and let it recover',
        {
          domains: missing.map(({ domain_id }) => String(domain_id)),
        },
      )
    } else if (self.info.url !== own.url) {
      sayCheck(
        'warn',
        'the contract has another url for this node than its config; call update_participant_url or mend the config',
        {
          contract_url: self.info.url,
          config_url: own.url,
        },
      )
    } else {
      sayCheck('debug', 'this node holds a share of every key')
    }
  }

  function tombstoneOf(phase: Extract<Phase, { kind: 'superseded' }>, view: ContractView): Tombstone {
    return {
      why: phase.why,
      account_id: own.accountId,
      own_tls_public_key: own.tlsKey,
      found_tls_public_key: phase.found,
      block_height: view.block.height,
      at: new Date().toISOString(),
    }
  }
}

function olderThanNoted({ block }: ContractView, notedHeight: bigint): HoldfastError {
  return new HoldfastError(
    'VIEW_STALE',
    `the newest final block that enough endpoints agree on (${block.height}) is older than one that this node has acted on ` +
      `before (${notedHeight}): waiting until they have caught up; if that does not happen, check the rpc_urls`,
  )
}

/** Phases in which every poll is time lost to a recovery, and which a call of this node or a delivery soon ends. */
function isHurried({ kind }: Phase): boolean {
  return kind === 'requestRecovery' || kind === 'awaitingShares'
}

/**
 * Whom this node is connected with: who signs with it, who recovers or, if it recovers itself, could help it, and who takes
 * part in its key event. What each may ask is for the handlers of the requests.
 */
function peersIn(phase: Phase): Peer[] {
  if (phase.kind === 'awaitingShares') return phase.claim === 'recovery' ? phase.helpers.map(peerOf) : []
  if (phase.kind !== 'participating' && phase.kind !== 'joining') return []
  const { self, work } = phase
  const signing = phase.kind === 'participating' ? [...phase.active, ...phase.recoveringNodes] : []
  const known = new Set([self, ...signing].map(({ participantId }) => participantId))
  const newcomers = (work?.participants ?? []).filter(({ participantId }) => !known.has(participantId))
  return [...signing, ...newcomers].map(peerOf)
}

function keyEventPart(phase: Phase): KeyEventPart | undefined {
  if (phase.kind !== 'participating' && phase.kind !== 'joining') return undefined
  return phase.work === undefined ? undefined : { work: phase.work, self: phase.self.participantId }
}
