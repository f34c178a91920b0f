import { fork } from 'node:child_process'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { compileCache } from '../../compile-cache.ts'
import type { Checks } from '../checks.ts'
import type { UpkeepSight, UpkeepTask } from '../perform.ts'

export type UpkeepRequest = { home: string; throwawayNodeMain: string; task: UpkeepTask; sight: UpkeepSight }
export type UpkeepReply = { kind: 'done'; checks: Checks } | { kind: 'refused'; code: string; message: string }

const MAIN = new URL('../upkeep-process-main.ts', import.meta.url)
/** A thousand domains take two seconds; a repository may hold many epochs, on a slow place. */
const DEADLINE_MS = 1_800_000

/**
 * Verifies, drills and reports in a process that ends afterwards: the curves, age and near-api-js would stay in the memory
 * of the service for good, and so might shares in clear. Killed at any time it leaves nothing but what the next one wipes.
 */
export function upkeepProcess(
  home: string,
  throwawayNodeMain: string,
): (task: UpkeepTask, sight: UpkeepSight, signal: AbortSignal) => Promise<Checks> {
  return (task, sight, signal) =>
    withDeadline(
      (limited) => ask({ home, throwawayNodeMain, task, sight }, limited),
      DEADLINE_MS,
      signal,
      'checking the repository',
    )
}

async function ask(request: UpkeepRequest, signal: AbortSignal): Promise<Checks> {
  const child = fork(MAIN, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...compileCache() },
    killSignal: 'SIGKILL',
    signal,
  })
  const { promise, resolve, reject } = Promise.withResolvers<UpkeepReply>()
  child.once('message', (reply) => resolve(reply as UpkeepReply))
  child.on('error', reject)
  child.once('disconnect', () => resolve({ kind: 'refused', code: 'CHECK_FAILED', message: 'the process was killed' }))
  child.send(request)
  const reply = await promise
  if (reply.kind === 'done') return reply.checks
  throw new HoldfastError(reply.code, `cannot ${request.task.kind} the repository: ${reply.message}`)
}
