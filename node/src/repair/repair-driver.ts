import { errorMessage } from '@holdfast/protocol/errors.ts'
import { wipeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { backoff } from '@holdfast/protocol/poll.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import { LIMITS } from '../limits.ts'
import type { AwaitingShares, Phase } from '../phases/phase.ts'
import type { AskPeer, KeepShares } from '../ports.ts'
import { holdsAll } from '../recovery/recovery-driver.ts'
import { decideWay, type SharesFrom, type Way } from './decide-way.ts'
import { repairable, repairShare, type Helper } from './repair-share.ts'

type Recovering = Extract<AwaitingShares, { claim: 'recovery' }>
type Parts = { choice: SharesFrom; mesh: AskPeer; shares: KeepShares; log: Logger; onStored(): void }

/** Gets the shares of a recovering node from the other nodes, where that is the way to take. */
export type RepairDriver = {
  onView(phase: Phase): void
  /** The way that is taken now, for the status. */
  way(): Way | undefined
  stop(): void
}

/** Whatever `shares_from` says: helpers answer only a node that a recovery names, for in a move the share is not lost. */
const FOR_A_MOVE: Way = { kind: 'backup', why: 'in a planned move other nodes repair no share, for it is not lost' }

export function createRepairDriver({ choice, mesh, shares, log, onStored }: Parts): RepairDriver {
  const say = changeLogger(log)
  let recovery: { requestedAt: bigint; sinceMs: number } | undefined
  let way: Way | undefined
  let running: AbortController | undefined
  let notBeforeMs = 0
  let retry = newRetry()

  return {
    onView(phase) {
      if (phase.kind !== 'awaitingShares' || holdsAll(shares, phase.keyset)) return end()
      if (phase.claim === 'migration') {
        end()
        way = FOR_A_MOVE
        return tell(way)
      }
      const { requestedAt } = phase
      if (recovery?.requestedAt !== requestedAt) {
        end()
        recovery = { requestedAt, sinceMs: Date.now() }
      }
      way = wayOf(phase, Date.now() - recovery.sinceMs)
      tell(way)
      if (way.kind === 'peers' && running === undefined && Date.now() >= notBeforeMs) void repair(phase)
    },
    way: () => way,
    stop: end,
  }

  function wayOf({ keyset, helpers, hasBackupService }: Recovering, waitedMs: number): Way {
    const connected = new Set(mesh.connected().map(({ accountId }) => accountId))
    return decideWay({
      choice,
      hasBackupService,
      waitedMs,
      patienceMs: LIMITS.backupPatienceMs,
      needed: helpersNeeded(keyset),
      helpers: helpers.map(({ accountId }) => accountId),
      connected,
    })
  }

  async function repair({ keyset, helpers, participantId }: Recovering): Promise<void> {
    running = new AbortController()
    const { signal } = running
    const repaired: Keyshare[] = []
    try {
      const up = new Set(mesh.connected().map(({ participantId }) => participantId))
      const able = helpers.filter(({ participantId }) => up.has(participantId))
      for (const domain of keyset.domains) {
        // At random: a helper that fails or cheats is not asked for ever.
        const chosen = shuffled(able).slice(0, repairable(domain).length)
        const key = { epochId: keyset.epoch_id, domain }
        repaired.push(await repairShare(key, participantId, chosen, mesh, signal))
      }
      proveKeyshares(repaired, keyset, participantId)
      await shares.importShares(keyset, repaired)
      log.info(
        { domains: keyset.domains.map(({ domain_id }) => String(domain_id)) },
        'the other nodes repaired the shares',
      )
      onStored()
    } catch (error) {
      wipeKeyshares(repaired)
      if (signal.aborted) return
      const waitMs = retry.next()
      notBeforeMs = Date.now() + waitMs
      log.warn({ reason: errorMessage(error), retry_in_ms: waitMs }, 'the shares were not repaired, trying again')
    } finally {
      if (running?.signal === signal) running = undefined
    }
  }

  function tell(taken: Way): void {
    switch (taken.kind) {
      case 'backup':
        return say('info', 'the shares are awaited from the backup service', { why: taken.why })
      case 'peers':
        return say('info', 'the shares are repaired by other nodes')
      case 'waitForPeers':
        return say('info', 'too few other nodes are connected to repair the shares', {
          have: taken.have,
          needed: taken.needed,
          missing: taken.missing,
        })
      default:
        taken satisfies never
        throw new TypeError('unknown way')
    }
  }

  function end(): void {
    running?.abort(new Error('the recovery is over or another one'))
    running = undefined
    recovery = undefined
    way = undefined
    notBeforeMs = 0
    retry = newRetry()
  }
}

function helpersNeeded({ domains }: Recovering['keyset']): { helpers: number } | { unrepairable: string } {
  try {
    return { helpers: Math.max(0, ...domains.map((domain) => repairable(domain).length)) }
  } catch (error) {
    return { unrepairable: errorMessage(error) }
  }
}

function newRetry() {
  return backoff({ minMs: LIMITS.actionMinMs, maxMs: LIMITS.actionMaxMs })
}

function shuffled(helpers: readonly Helper[]): Helper[] {
  return helpers
    .map((helper) => ({ helper, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ helper }) => helper)
}
