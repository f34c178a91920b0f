import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { setTimeout as delay } from 'node:timers/promises'
import type { BackupConfig } from '../../src/config.ts'
import { ALICE, CONTRACT } from './views.ts'

/** A new empty directory, removed after the test. */
export async function temporaryDirectory(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-backup-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export function configOf(changes: Partial<BackupConfig> = {}): BackupConfig {
  return {
    account_id: ALICE,
    contract_id: CONTRACT,
    rpc_urls: ['http://127.0.0.1:1/'],
    rpc_quorum: 1,
    keyshares_port: 8079,
    poll_interval_ms: 50,
    max_view_age_seconds: 300,
    repository: 'repository',
    ...changes,
  }
}

/** Waits until `find` gives something, at most `ms`. */
export async function until<T>(
  find: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`nothing came of it within ${ms} ms: ${String(find)}`)
    await delay(20)
  }
}
