import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { FileLock } from '@holdfast/protocol/file-lock.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { coveringSnapshot } from '../decide.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import type { DeliverShares, FetchShares } from '../ports.ts'
import type { Repository } from '../repository/repository.ts'
import type { Owner, Snapshot } from '../repository/snapshot.ts'
import { readChecks, writeChecks, type Checks, type Receipt, type Verification } from './checks.ts'
import { drill } from './drill.ts'
import { wipeDrillDirectories } from './drill-directory.ts'
import { lockUpkeep } from './leftovers.ts'
import type { Live } from './live.ts'
import type { ReportReceipt, StartDrillNode } from './ports.ts'
import { verify } from './verify.ts'

/** What can be done for a repository beside storing and restoring. */
export type UpkeepTask = { kind: 'report' } | { kind: 'verify'; scope: Verification['scope'] } | { kind: 'drill' }

/** `live` is what the contract shows now; `receipts` whether it takes any for that. */
export type UpkeepSight = { live: Live | undefined; receipts: boolean }

export type UpkeepParts = {
  home: string
  checksFile: string
  owner: Owner
  repository: Pick<Repository, 'contents' | 'load'>
  node: FetchShares & DeliverShares
  drillNode: StartDrillNode
  receipts: ReportReceipt
  /** How long to wait for another task of this home to end, in milliseconds. */
  patienceMs: number
  onProgress: (progress: Progress) => void
}

export type Progress =
  | { kind: 'waiting' }
  | { kind: 'verifying'; done: number; total: number }
  | { kind: 'drilling'; step: 'starting' | 'restoring' | 'proving' }
  | { kind: 'reporting' }

const LOOK_AGAIN_MS = 200

/**
 * Does one task and keeps what came of it in `checks.json`, durably. One at a time for a home, whoever asks: the service,
 * or a person.
 * @throws HoldfastError `CHECK_UNDER_WAY` if another runs, `NOTHING_TO_DRILL` without a snapshot of the live keyset;
 * `REPOSITORY_UNREADABLE`; the signal's reason
 */
export async function performUpkeep(
  task: UpkeepTask,
  sight: UpkeepSight,
  parts: UpkeepParts,
  signal: AbortSignal,
): Promise<Checks> {
  const lock = await lockPatiently(parts, signal)
  if (lock === undefined) {
    throw new HoldfastError(
      'CHECK_UNDER_WAY',
      'a verification, a drill or a report of this home is under way; try again when it is over',
    )
  }
  try {
    await wipeDrillDirectories(parts.home)
    const before = await readChecks(parts.checksFile)
    const after = { ...before, ...(await perform(task, sight, parts, before, signal)) }
    await writeChecks(parts.checksFile, after)
    return after
  } finally {
    lock.release()
  }
}

async function lockPatiently(
  { home, patienceMs, onProgress }: UpkeepParts,
  signal: AbortSignal,
): Promise<FileLock | undefined> {
  const until = Date.now() + patienceMs
  for (;;) {
    signal.throwIfAborted()
    const lock = await lockUpkeep(home)
    if (lock !== undefined || Date.now() >= until) return lock
    onProgress({ kind: 'waiting' })
    await sleep(LOOK_AGAIN_MS, signal)
  }
}

async function perform(
  task: UpkeepTask,
  sight: UpkeepSight,
  parts: UpkeepParts,
  { receipts }: Checks,
  signal: AbortSignal,
): Promise<Partial<Checks>> {
  const { repository, onProgress } = parts
  switch (task.kind) {
    case 'verify': {
      const progress = (done: number, total: number): void => onProgress({ kind: 'verifying', done, total })
      const options = { repository, live: sight.live, scope: task.scope, onProgress: progress, signal }
      const verification = await verify(options)
      // Registering another service withdraws an operator's receipts; when this one is registered again, they are missing.
      const isRestorable = verification.live === 'genuine' || verification.live === 'matches-group-key'
      if (!sight.receipts || !isRestorable || receipts.stored === null) return { verification }
      return { verification, receipts: { ...receipts, stored: await reportStored(sight.live, parts, signal) } }
    }
    case 'drill': {
      const { live, snapshot } = await restorable(sight.live, repository)
      const onStep = (step: 'starting' | 'restoring' | 'proving'): void => onProgress({ kind: 'drilling', step })
      const result = await drill({ ...parts, live, snapshot, onStep, signal })
      if (result.failure !== null || !sight.receipts) return { drill: result }
      onProgress({ kind: 'reporting' })
      const drilled = await parts.receipts.report({ ...claimOf(result), kind: 'drilled' }, signal)
      return { drill: result, receipts: { ...receipts, drilled } }
    }
    case 'report':
      return { receipts: { ...receipts, stored: await reportStored(sight.live, parts, signal) } }
    default:
      task satisfies never
      throw new TypeError('unknown task')
  }
}

async function reportStored(
  wanted: Live | undefined,
  { repository, onProgress, receipts }: UpkeepParts,
  signal: AbortSignal,
): Promise<Receipt> {
  const { live, snapshot } = await restorable(wanted, repository)
  onProgress({ kind: 'reporting' })
  // A snapshot may hold more than what is live; the receipt is about what is live.
  const claim = {
    kind: 'stored' as const,
    epoch_id: live.keyset.epoch_id,
    keyset_digest: keysetDigest(live.keyset),
    ciphertext_sha256: snapshot.ciphertextSha256,
  }
  return receipts.report(claim, signal)
}

function claimOf({ epoch_id, keyset_digest, ciphertext_sha256 }: NonNullable<Checks['drill']>) {
  return { epoch_id, keyset_digest, ciphertext_sha256 }
}

async function restorable(
  live: Live | undefined,
  repository: Pick<Repository, 'contents'>,
): Promise<{ live: Live; snapshot: Snapshot }> {
  const { snapshots } = live === undefined ? { snapshots: [] } : await repository.contents()
  const snapshot = live === undefined ? undefined : coveringSnapshot(live.keyset, live.participantId, snapshots)
  if (live !== undefined && snapshot !== undefined) return { live, snapshot }
  const found =
    live === undefined ? 'the contract has no keyset for this account' : 'no snapshot covers the live keyset'
  throw new HoldfastError('NOTHING_TO_DRILL', `there is nothing to restore: ${found}; see holdfast backup status`)
}
