import { mutualTlsNode } from '@holdfast/backup-service/adapters/mutual-tls-node.ts'
import { storeInProcess } from '@holdfast/backup-service/adapters/store-process.ts'
import { openRepository } from '@holdfast/backup-service/repository-settings.ts'
import { restore } from '@holdfast/backup-service/restore.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { childrenOf, peakMegabytes, watchPeak } from '../peak-memory.ts'
import type { BackupResult, RestoreResult, ServiceTask } from './messages.ts'

/** The backup service's side of the bench, in a process that has loaded what a running service has. */
process.once('message', (task: ServiceTask) => {
  const done = task.kind === 'backup' ? backUp(task) : giveBack(task)
  void done.then((result) => process.send?.(result, () => process.disconnect()))
})
const never = new AbortController().signal

async function backUp(task: ServiceTask): Promise<BackupResult> {
  const { settings, participantId, serving } = task
  const json = parseJson(task.keyset, 'the keyset')
  const keyset = parseKeyset(json, 'the keyset')
  const node = mutualTlsNode({ identity: createTlsIdentity(settings.tlsSeed) })
  const child = watchPeak(() => childrenOf(process.pid))
  const started = performance.now()
  const keyshares = await node.fetchShares(serving, json, never)
  const fetched = performance.now()
  const snapshot = await storeInProcess(settings).store({ keyset, participantId, keyshares }, never)
  const stored = performance.now()
  const megabytes = peakMegabytes('self') + child()

  // The same steps once more, each by itself: the process that stores does them out of sight.
  const { parseReceived, proveContent, serializeContent } =
    await import('@holdfast/backup-service/repository/snapshot-content.ts')
  const { sealWithAge } = await import('@holdfast/backup-service/adapters/age-hybrid.ts')
  const seal = sealWithAge(settings.ageIdentity, settings.ageIdentitySource)
  await seal.seal('the library is loaded at the first use')
  const proving = performance.now()
  const content = parseReceived({ keyset, participantId, keyshares })
  proveContent(content)
  const proved = performance.now()
  await seal.seal(serializeContent(settings.owner, content))
  const encrypted = performance.now()
  const { verify } = await import('@holdfast/backup-service/upkeep/verify.ts')
  const repository = await openRepository(settings)
  const { live, shares } = await verify({
    repository,
    live: { keyset, participantId },
    scope: 'live',
    onProgress: () => undefined,
    signal: never,
  })
  const verified = performance.now()
  if (live !== 'genuine' || shares !== keyset.domains.length || snapshot.keys.length !== shares)
    throw new Error(`the bench verified ${shares} shares: ${live}`)
  const seconds = (from: number, to: number): number => (to - from) / 1000
  return {
    fetch: seconds(started, fetched),
    total: seconds(started, stored),
    prove: seconds(proving, proved),
    encrypt: seconds(proved, encrypted),
    verify: seconds(encrypted, verified),
    megabytes,
  }
}

async function giveBack({ settings, keyset: text, participantId, awaiting }: ServiceTask): Promise<RestoreResult> {
  const keyset = parseKeyset(parseJson(text, 'the keyset'), 'the keyset')
  const node = mutualTlsNode({ identity: createTlsIdentity(settings.tlsSeed) })
  const repository = await openRepository(settings)
  const started = performance.now()
  const [snapshot] = (await repository.contents()).snapshots
  if (snapshot === undefined) throw new Error('there is no snapshot to restore')
  const contract = { confirmDelivery: async () => undefined }
  const work = { keyset, participantId, destination: awaiting, snapshot, finish: { kind: 'none' } } as const
  await restore(work, { node, contract, repository }, () => undefined, never)
  return { restore: (performance.now() - started) / 1000 }
}
