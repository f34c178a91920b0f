import { randomUUID } from 'node:crypto'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readConfig } from '../config.ts'
import { homePaths } from '../home-paths.ts'
import { httpTargets } from './adapters/http-target.ts'
import type { Sent } from './ports.ts'

export type TargetTest = { name: string; kind: string; sent: Sent }

/**
 * Sends a test message to every target of a home's config, each once and all at a time, whether or not the service runs.
 * @throws HoldfastError `NO_NOTIFICATIONS`, `CONFIG_*`
 */
export async function testAlert(home: string, signal: AbortSignal): Promise<TargetTest[]> {
  const file = homePaths(home).config
  const config = await readConfig(file)
  const targets = httpTargets(config.notifications ?? [], { home, env: process.env })
  if (targets.length === 0) {
    throw new HoldfastError(
      'NO_NOTIFICATIONS',
      `cannot test: ${file} names nobody to notify; add "notifications" (backup-service/MONITORING.md)`,
    )
  }
  const sender = { accountId: config.account_id, contractId: config.contract_id }
  const message = {
    id: randomUUID(),
    kind: 'test',
    severity: 'info',
    key: 'test',
    title: 'a test of the notifications',
    text: 'Nothing is wrong. Whoever reads this would read of a recovery too.',
    atMs: Date.now(),
    always: true,
  } as const
  return Promise.all(
    targets.map(async (target) => ({
      name: target.name,
      kind: target.kind,
      sent: await target.send(message, sender, signal),
    })),
  )
}
