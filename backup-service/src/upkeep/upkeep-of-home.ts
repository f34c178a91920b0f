import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import type { CallContract } from '@holdfast/protocol/rpc/ports.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { readAgeIdentity, type AgeIdentity } from '../age-identity.ts'
import { contractConfirmation } from '../adapters/contract-confirmation.ts'
import { mutualTlsNode } from '../adapters/mutual-tls-node.ts'
import { answerFiles } from '../approval/adapters/approval-files.ts'
import { readConfig } from '../config.ts'
import { homePaths } from '../home-paths.ts'
import { readIdentity } from '../identity.ts'
import { importNearMpc, type Imported } from '../import/import-near-mpc.ts'
import { readNearMpcKeys } from '../near-mpc-key.ts'
import { networkIdentifier } from '../network/identify.ts'
import { openRepository, repositorySettings } from '../repository-settings.ts'
import { restoreByHand, type Destination } from '../restore-by-hand.ts'
import { restore, type Restored } from '../restore.ts'
import { contractReceipts } from './adapters/contract-receipts.ts'
import { drillNodeProcess } from './adapters/drill-node-process.ts'
import type { Checks } from './checks.ts'
import { liveOf } from './live.ts'
import { performUpkeep, type Progress, type UpkeepSight, type UpkeepTask } from './perform.ts'

export type HomeUpkeep = {
  /** What the contract shows now. Errors as those of the contract reader. */
  sight(signal: AbortSignal): Promise<UpkeepSight>
  perform(task: UpkeepTask, sight: UpkeepSight, signal: AbortSignal): Promise<Checks>
  /** Delivers the live shares to the node that the contract names, and confirms it. Errors as `restoreByHand`, `restore`. */
  restoreTo(destination: Destination, signal: AbortSignal): Promise<Delivery>
  /** Takes the live shares out of a home of near/mpc's backup-cli. Errors as `importNearMpc`. */
  importFrom(directory: string, signal: AbortSignal): Promise<Imported>
  close(): void
}

/** What went where, for a person. */
export type Delivery = {
  epochId: bigint
  keysetDigest: string
  shares: number
  tlsPublicKey: Ed25519KeyText
} & Restored

export type HomeUpkeepOptions = {
  home: string
  /** Where the service has it already; it may have come from somebody who is not asked twice. */
  age?: AgeIdentity
  /** How long to wait for another verification, drill or report of this home, in milliseconds; not at all unless told. */
  patienceMs?: number
  onProgress?: (progress: Progress) => void
}

/**
 * Everything that a verification, a drill or a report of a home needs, from its files.
 * @throws HoldfastError `CONFIG_*`, `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `IDENTITY_INVALID`, `AGE_IDENTITY_INVALID`
 */
export async function upkeepOfHome({ home, age, patienceMs = 0, onProgress }: HomeUpkeepOptions): Promise<HomeUpkeep> {
  const paths = homePaths(home)
  const config = await readConfig(paths.config)
  const identity = await readIdentity(paths.identity)
  const { identity: ageIdentity, source: ageIdentitySource } = age ?? (await readAgeIdentity(home, config))
  const tls = createTlsIdentity(identity.tlsSeed)
  const owner = { accountId: config.account_id, contractId: config.contract_id }
  const keys = { tlsSeed: identity.tlsSeed, ageIdentity, ageIdentitySource }
  const repository = await openRepository(repositorySettings(home, config, keys))
  const reader = createContractReader({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    quorum: config.rpc_quorum,
    maxViewAgeMs: config.max_view_age_seconds * 1_000,
  })
  const networks = networkIdentifier(reader, { contractId: config.contract_id })
  let client: CallContract | undefined
  const connect = async (): Promise<CallContract> => {
    const { createContractClient } = await import('@holdfast/protocol/contract-client.ts')
    return (client ??= createContractClient({
      endpoints: config.rpc_urls,
      contractId: config.contract_id,
      accountId: config.account_id,
      signerSeed: identity.signerSeed,
    }))
  }
  return {
    async sight(signal) {
      const view = await reader.readView(signal)
      const network = await networks.identify(view, signal)
      return { live: liveOf(view, config.account_id), receipts: network.takesReceipts(view) }
    },
    perform: (task, sight, signal) =>
      performUpkeep(
        task,
        sight,
        {
          home,
          checksFile: paths.checks,
          owner,
          repository,
          // A throwaway node has a key of its session, as a Holdfast node; never the one configured for a near/mpc node.
          node: mutualTlsNode({ identity: tls }),
          drillNode: drillNodeProcess({ home, clientTlsKey: tls.publicKeyText }),
          receipts: contractReceipts({ accountId: config.account_id, reader, connect }),
          patienceMs,
          onProgress: onProgress ?? (() => undefined),
        },
        signal,
      ),
    async restoreTo(destination, signal) {
      const view = await reader.readView(signal)
      const known = {
        network: await networks.identify(view, signal),
        accountId: config.account_id,
        keysharesPort: config.keyshares_port,
        ownTlsKey: tls.publicKeyText,
        snapshots: (await repository.contents()).snapshots,
      }
      const answers = await answerFiles(paths.restoreAnswers).answers()
      const work = restoreByHand(view, destination, known, { kind: 'read', answers })
      const node = mutualTlsNode({ identity: tls, ...(await readNearMpcKeys(home, config)) })
      const contract = contractConfirmation(connect)
      const restored = await restore(work, { node, contract, repository }, () => undefined, signal)
      const { keyset } = work
      return {
        epochId: keyset.epoch_id,
        keysetDigest: keysetDigest(keyset),
        shares: keyset.domains.length,
        tlsPublicKey: destination.tlsPublicKey,
        ...restored,
      }
    },
    async importFrom(directory, signal) {
      const view = await reader.readView(signal)
      return importNearMpc(directory, liveOf(view, config.account_id), repository, signal)
    },
    close() {
      reader.close()
      client?.close()
    },
  }
}
