import { setTimeout as delay } from 'node:timers/promises'
import type { MigrationInfo } from '@holdfast/protocol/contract-state.ts'
import type { NearMpcMachine, NearMpcNetwork } from './network.ts'

/** near/mpc's nodes look at the chain this often. */
const POLL_MS = 1_000

/**
 * Stands in for the chain indexer that near/mpc's node has and the migration service alone has not: tells every running
 * node what the final state says about its own account, at most a poll late. As there, any change of it, of the registered
 * key or of being a migration's destination, drops the node's open connections.
 * @returns ends it
 */
export function followChain(network: NearMpcNetwork): () => Promise<void> {
  const stopping = new AbortController()
  const told = new WeakMap<object, string>()
  const following = (async () => {
    while (!stopping.signal.aborted) {
      // An unreadable moment of the chain is looked at again; the story's own waits notice if it stays unreadable.
      const view = await network.devnet.reader.readView(stopping.signal).catch(() => undefined)
      if (view !== undefined) tellNodes(network, view.migrationInfo, told)
      await delay(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return async () => {
    stopping.abort()
    await following
  }
}

function tellNodes(network: NearMpcNetwork, info: MigrationInfo, told: WeakMap<object, string>): void {
  for (const machine of network.operators.flatMap(({ machines }) => machines)) {
    const { process } = machine
    if (process === undefined) continue
    const news = whatConcerns(machine, info)
    if (told.get(process) === JSON.stringify(news)) continue
    told.set(process, JSON.stringify(news))
    process.rekey(news.backupKey)
  }
}

function whatConcerns({ accountId, tls }: NearMpcMachine, info: MigrationInfo) {
  const [backup, migration] = info[accountId] ?? [null, null]
  return {
    backupKey: backup?.public_key,
    isDestination: migration?.destination_node_info.tls_public_key === tls.publicKey,
  }
}
