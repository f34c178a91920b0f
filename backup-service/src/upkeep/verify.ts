import { coverage } from '@holdfast/protocol/coverage.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { coveringSnapshot } from '../decide.ts'
import { liveShares } from '../live-shares.ts'
import type { Repository } from '../repository/repository.ts'
import type { Snapshot } from '../repository/snapshot.ts'
import type { Verification } from './checks.ts'
import type { Live } from './live.ts'

export type VerifyOptions = {
  repository: Pick<Repository, 'contents' | 'load'>
  /** What the contract shows; undefined where it has no keyset, or the account takes no part. */
  live: Live | undefined
  scope: Verification['scope']
  onProgress: (done: number, total: number) => void
  signal: AbortSignal
}

type Failure = Verification['failures'][number]

/**
 * Decrypts snapshots and proves every share: those of the live keyset against the contract's own commitments, older ones,
 * of which the contract knows nothing any more, against the keyset that they were proved against when they were stored. A
 * snapshot that cannot be used is a finding, not an error.
 * @throws HoldfastError `REPOSITORY_UNREADABLE`; the signal's reason
 */
export async function verify({ repository, live, scope, onProgress, signal }: VerifyOptions): Promise<Verification> {
  const started = Date.now()
  const { snapshots, damaged } = await repository.contents()
  const failures: Failure[] =
    scope === 'all' ? damaged.map(({ file, reason }) => ({ file, code: 'DAMAGED', message: reason })) : []
  const examined = scope === 'all' ? snapshots : snapshots.filter((snapshot) => covers(snapshot, live))
  const verdicts = new Map<Snapshot, Verdict>()
  for (const [done, snapshot] of examined.entries()) {
    signal.throwIfAborted()
    onProgress(done, examined.length)
    verdicts.set(snapshot, await examine(repository, snapshot, live))
  }
  onProgress(examined.length, examined.length)
  let shares = 0
  for (const [{ data }, verdict] of verdicts) {
    if (verdict.kind === 'unusable') failures.push({ file: data.file, ...verdict.failure })
    else shares += verdict.shares
  }
  return {
    at: new Date(started).toISOString(),
    seconds: (Date.now() - started) / 1000,
    scope,
    keyset_digest: live === undefined ? null : keysetDigest(live.keyset),
    epoch_id: live?.keyset.epoch_id ?? null,
    live: verdictOnLive(live, verdicts),
    snapshots: examined.length,
    shares,
    failures,
  }
}

type Verdict =
  { kind: 'usable'; shares: number; provedGenuine: boolean } | { kind: 'unusable'; failure: Omit<Failure, 'file'> }

async function examine(
  repository: Pick<Repository, 'load'>,
  snapshot: Snapshot,
  live: Live | undefined,
): Promise<Verdict> {
  try {
    if (live !== undefined && covers(snapshot, live)) {
      const { keyshares, provedGenuine } = await liveShares(repository, snapshot, live.keyset, live.participantId)
      for (const { privateShare } of keyshares) privateShare.fill(0)
      return { kind: 'usable', shares: keyshares.length, provedGenuine }
    }
    const { keyshares } = await repository.load(snapshot)
    for (const { privateShare } of keyshares) privateShare.fill(0)
    return { kind: 'usable', shares: keyshares.length, provedGenuine: snapshot.provedGenuine }
  } catch (error) {
    const code = isHoldfastError(error) ? error.code : 'FAILURE'
    return { kind: 'unusable', failure: { code, message: errorMessage(error) } }
  }
}

function covers(snapshot: Snapshot, live: Live | undefined): boolean {
  if (live === undefined || snapshot.participantId !== live.participantId) return false
  return coverage(live.keyset, snapshot.keys).kind === 'covered'
}

/** Of the snapshot that a restore would take; another one that is whole is second best and does not hide it. */
function verdictOnLive(live: Live | undefined, verdicts: Map<Snapshot, Verdict>): Verification['live'] {
  if (live === undefined) return 'none'
  const snapshot = coveringSnapshot(live.keyset, live.participantId, [...verdicts.keys()])
  const verdict = snapshot === undefined ? undefined : verdicts.get(snapshot)
  if (verdict === undefined) return 'missing'
  if (verdict.kind === 'unusable') return 'failed'
  return verdict.provedGenuine ? 'genuine' : 'matches-group-key'
}
