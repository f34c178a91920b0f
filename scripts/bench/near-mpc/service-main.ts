import { mutualTlsNode } from '@holdfast/backup-service/adapters/mutual-tls-node.ts'
import { storeInProcess } from '@holdfast/backup-service/adapters/store-process.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { childrenOf, peakMegabytes, watchPeak } from '../peak-memory.ts'
import type { FetchResult, FetchTask } from './messages.ts'

/** Holdfast's side of the comparison: one backup from a near/mpc node, as a running service makes it. */
process.once('message', (task: FetchTask) => {
  void backUp(task).then((result) => process.send?.(result, () => process.disconnect()))
})

async function backUp({ keyset: text, participantId, node, aesKey, settings }: FetchTask): Promise<FetchResult> {
  const never = new AbortController().signal
  const json = parseJson(text, 'the keyset')
  const keyset = parseKeyset(json, 'the keyset')
  const client = mutualTlsNode({ identity: createTlsIdentity(settings.tlsSeed), nearMpcKey: aesKey })
  const childPeak = watchPeak(() => childrenOf(process.pid))
  const started = performance.now()
  const keyshares = await client.fetchShares(node, json, never)
  const fetched = performance.now()
  const snapshot = await storeInProcess(settings).store({ keyset, participantId, keyshares }, never)
  const stored = performance.now()
  if (snapshot.keys.length !== keyset.domains.length) throw new Error(`the bench stored ${snapshot.keys.length} shares`)
  return {
    fetch: (fetched - started) / 1000,
    total: (stored - started) / 1000,
    megabytes: peakMegabytes('self') + childPeak(),
  }
}
