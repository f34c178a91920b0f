import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import type { CallContract, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { parseAgeIdentity, sealWithAge } from '../adapters/age-hybrid.ts'
import { mutualTlsNode } from '../adapters/mutual-tls-node.ts'
import { nodeFiles } from '../adapters/node-files.ts'
import { readConfig, type BackupConfig } from '../config.ts'
import { homePaths, inHome } from '../home-paths.ts'
import { readIdentity, readKeyFile, type Identity } from '../identity.ts'
import { createRepository } from '../repository/repository.ts'
import { contractReceipts } from './adapters/contract-receipts.ts'
import { drillNodeProcess } from './adapters/drill-node-process.ts'
import type { Checks } from './checks.ts'
import { liveOf, takesReceipts } from './live.ts'
import { performUpkeep, type Progress, type UpkeepSight, type UpkeepTask } from './perform.ts'

export type HomeUpkeep = {
  /** What the contract shows now. Errors as those of the contract reader. */
  sight(signal: AbortSignal): Promise<UpkeepSight>
  perform(task: UpkeepTask, sight: UpkeepSight, signal: AbortSignal): Promise<Checks>
  close(): void
}

export type HomeUpkeepOptions = {
  home: string
  onProgress?: (progress: Progress) => void
}

/**
 * Everything that a verification, a drill or a report of a home needs, from its files.
 * @throws HoldfastError `CONFIG_*`, `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `IDENTITY_INVALID`, `AGE_IDENTITY_INVALID`
 */
export async function upkeepOfHome({ home, onProgress }: HomeUpkeepOptions): Promise<HomeUpkeep> {
  const paths = homePaths(home)
  const config = await readConfig(paths.config)
  const identity = await readIdentity(paths.identity)
  const ageIdentity = parseAgeIdentity(await readKeyFile(paths.ageIdentity, 'the age identity'), paths.ageIdentity)
  const tls = createTlsIdentity(identity.tlsSeed)
  const owner = { accountId: config.account_id, contractId: config.contract_id }
  const seal = sealWithAge(ageIdentity, paths.ageIdentity)
  const reader = createContractReader({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    quorum: config.rpc_quorum,
    maxViewAgeMs: config.max_view_age_seconds * 1_000,
  })
  return {
    async sight(signal) {
      const view = await reader.readView(signal)
      return { live: liveOf(view, config.account_id), receipts: takesReceipts(view) }
    },
    perform: (task, sight, signal) =>
      performUpkeep(
        task,
        sight,
        {
          home,
          checksFile: paths.checks,
          owner,
          repository: createRepository(inHome(home, config.repository), owner, nodeFiles, seal),
          // A throwaway node has a key of its session, as a Holdfast node; never the one configured for a near/mpc node.
          node: mutualTlsNode({ identity: tls }),
          drillNode: drillNodeProcess({ home, clientTlsKey: tls.publicKeyText }),
          receipts: receiptsOf(config, reader, identity),
          onProgress: onProgress ?? (() => undefined),
        },
        signal,
      ),
    close: () => reader.close(),
  }
}

function receiptsOf(config: BackupConfig, reader: ReadContract, { signerSeed }: Identity) {
  const connect = async (): Promise<CallContract> => {
    const { createContractClient } = await import('@holdfast/protocol/contract-client.ts')
    return createContractClient({
      endpoints: config.rpc_urls,
      contractId: config.contract_id,
      accountId: config.account_id,
      signerSeed,
    })
  }
  return contractReceipts({ accountId: config.account_id, reader, connect })
}
