import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { BenchRun, Measurement } from './measurement.ts'
import { repositoryOfBench } from './repository-of-bench.ts'
import type { BackupResult, NodeReady, NodeTask, RestoreResult, ServiceTask } from './shares/messages.ts'

const SIZES = [1, 100, 1_000]
const THRESHOLD = 3
const PARTICIPANT = 2
const MOST_SECONDS = 1
const MOST_RESTORE_SECONDS = 2
const MOST_MB = 200
/** As the program is started, with a compile cache that earlier runs have filled. */
const NODE_FLAGS = ['--max-semi-space-size=1']

export type SharesRow = BackupResult & RestoreResult & { domains: number; store: number }

/**
 * Backs up, verifies and restores so many domains, half of them on each curve, with the production code: the node's key-share
 * server and storage in a process, the service's in another, the one that stores in a third.
 */
export async function measureShares({ directory, say }: BenchRun): Promise<SharesRow[]> {
  const cache = join(directory, 'compile-cache')
  // Not counted: it fills the compile cache.
  await measureSize(join(directory, 'shares-warm'), cache, 1)
  const rows: SharesRow[] = []
  for (const domains of SIZES) {
    say(`backup, verification and restore of ${domains} domains`)
    rows.push(await measureSize(join(directory, `shares-${domains}`), cache, domains))
  }
  return rows
}

async function measureSize(home: string, cache: string, domains: number): Promise<SharesRow> {
  const tlsSeed = new Uint8Array(32).fill(12)
  const settings = await repositoryOfBench(home, 'mpc.near', tlsSeed)
  const start = (name: string): ChildProcess =>
    fork(new URL(`./shares/${name}`, import.meta.url), {
      serialization: 'advanced',
      execArgv: NODE_FLAGS,
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    })
  const node = start('node-main.ts')
  const clientTlsKey = createTlsIdentity(tlsSeed).publicKeyText
  const task: NodeTask = { domains, threshold: THRESHOLD, participantId: PARTICIPANT, clientTlsKey }
  try {
    const ready = await ask<NodeReady>(node, task)
    const work = (kind: ServiceTask['kind']): ServiceTask => ({ ...ready, kind, participantId: PARTICIPANT, settings })
    const backup = await ask<BackupResult>(start('service-main.ts'), work('backup'))
    const restore = await ask<RestoreResult>(start('service-main.ts'), work('restore'))
    // The rest: the storing process's start, writing, reading back, opening, signing.
    const rest = backup.total - backup.fetch - backup.prove - backup.encrypt
    return { domains, ...backup, ...restore, store: Math.max(0, rest) }
  } finally {
    if (node.connected) {
      node.disconnect()
      await once(node, 'exit')
    }
  }
}

async function ask<T>(child: ChildProcess, task: NodeTask | ServiceTask): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  child.once('message', (answer) => resolve(answer as T))
  child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)))
  child.send(task)
  return promise
}

/** The table of the issue: what each step takes at each size. */
export function sharesTable(rows: readonly SharesRow[]): { header: string[]; rows: string[][] } {
  const columns = ['fetch', 'prove', 'encrypt', 'store', 'total', 'verify', 'restore'] as const
  return {
    header: ['domains', ...columns.map((name) => `${name} s`), 'peak MB'],
    rows: rows.map((row) => [
      String(row.domains),
      ...columns.map((name) => row[name].toFixed(2)),
      row.megabytes.toFixed(0),
    ]),
  }
}

/** The goals at the largest size. */
export function sharesMeasurements(rows: readonly SharesRow[]): Measurement[] {
  const largest = rows.at(-1)
  if (largest === undefined) return []
  const how = `half Ed25519, half secp256k1, ${THRESHOLD} commitments each; `
  const line = (name: string, value: number, unit: 's' | 'MB', most: number, rest: string): Measurement => ({
    name: `${name} ${largest.domains} domains`,
    measured: `${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`,
    value,
    goal: `at most ${most} ${unit}`,
    met: value <= most,
    how: how + rest,
  })
  return [
    line(
      'backup of',
      largest.total,
      's',
      MOST_SECONDS,
      'from the request to the node to the snapshot read back, opened and signed, the start of the storing process included',
    ),
    line(
      'memory of a backup of',
      largest.megabytes,
      'MB',
      MOST_MB,
      "peak of the service's process and of the storing one, added up",
    ),
    line(
      'verification of',
      largest.verify,
      's',
      MOST_SECONDS,
      'read, decrypted, and every share proved against the commitments; the code is loaded',
    ),
    line(
      'restore of',
      largest.restore,
      's',
      MOST_RESTORE_SECONDS,
      'read, decrypted, proved, sent, proved again by the node and on its disk; the service loads its code meanwhile',
    ),
  ]
}
