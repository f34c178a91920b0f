import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readAgeIdentity } from './age-identity.ts'
import { DEFAULT_GRACE_DAYS, freshnessLimits, readConfig, type BackupConfig } from './config.ts'
import { exportRepository, type Exported } from './export-repository.ts'
import { homePaths } from './home-paths.ts'
import { readIdentity } from './identity.ts'
import { liveViewOf } from './keeper.ts'
import { openRepository, repositorySettings } from './repository-settings.ts'
import type { CareResult } from './repository/care.ts'
import type { Contents } from './repository/repository.ts'
import type { Fate, LiveView } from './repository/retention.ts'
import type { Snapshot } from './repository/snapshot.ts'

const DAY_MS = 86_400_000

/** What may become of one snapshot, and why. */
export type Planned = { snapshot: Snapshot; fate: Fate }

/** The repository of a home, for its operator's commands. */
export type HomeRepository = {
  contents(): Promise<Contents>
  /** What the chain shows now, and what of the repository may therefore go. Changes nothing. Errors as those of the contract reader. */
  plan(signal: AbortSignal): Promise<{ planned: Planned[]; view: LiveView }>
  /** Destroys what is due by this view. */
  prune(view: LiveView, signal: AbortSignal): Promise<CareResult>
  /** Copies everything into a new directory. */
  exportTo(directory: string, onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<Exported>
}

/**
 * Opens the repository of a home.
 * @throws HoldfastError `CONFIG_*`, `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `IDENTITY_INVALID`, those of `readAgeIdentity`
 */
export async function repositoryOfHome(home: string): Promise<HomeRepository> {
  const config = await readConfig(homePaths(home).config)
  const { tlsSeed } = await readIdentity(homePaths(home).identity)
  const { identity: ageIdentity, source: ageIdentitySource } = await readAgeIdentity(home, config)
  const repository = await openRepository(repositorySettings(home, config, { tlsSeed, ageIdentity, ageIdentitySource }))
  const graceMs = (config.retention?.grace_days ?? DEFAULT_GRACE_DAYS) * DAY_MS
  return {
    contents: () => repository.contents(),
    async plan(signal) {
      const view = await readLive(config, signal)
      const [{ snapshots }, { fates }] = await Promise.all([repository.contents(), repository.plan(view, graceMs)])
      const planned = snapshots.flatMap((snapshot): Planned[] => {
        const fate = fates.get(snapshot.slot)
        return fate === undefined ? [] : [{ snapshot, fate }]
      })
      return { planned, view }
    },
    prune: (view, signal) => repository.maintain({ deep: false, fresh: false, view, prune: true, graceMs }, signal),
    exportTo: (directory, onProgress, signal) => exportRepository(repository, directory, onProgress, signal),
  }
}

/** @throws HoldfastError `NOTHING_LIVE` where the contract has no keyset yet; those of the contract reader */
async function readLive(config: BackupConfig, signal: AbortSignal): Promise<LiveView> {
  const reader = createContractReader({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    quorum: config.rpc_quorum,
    maxViewAgeMs: freshnessLimits(config).normalMs,
  })
  try {
    const live = liveViewOf(await reader.readView(signal), config.account_id)
    if (live !== undefined) return live
    throw new HoldfastError('NOTHING_LIVE', 'the contract has no keyset yet, so that nothing can be superseded')
  } finally {
    reader.close()
  }
}
