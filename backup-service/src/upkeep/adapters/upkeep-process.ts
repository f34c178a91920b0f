import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import type { AgeIdentity } from '../../age-identity.ts'
import { compileCache } from '../../compile-cache.ts'
import type { Checks } from '../checks.ts'
import { wipeDrillLeftovers } from '../leftovers.ts'
import type { UpkeepSight, UpkeepTask } from '../perform.ts'

export type UpkeepRequest = { home: string; age: AgeIdentity; task: UpkeepTask; sight: UpkeepSight }
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
  age: AgeIdentity,
): (task: UpkeepTask, sight: UpkeepSight, signal: AbortSignal) => Promise<Checks> {
  return (task, sight, signal) =>
    withDeadline((limited) => ask({ home, age, task, sight }, limited), DEADLINE_MS, signal, 'checking the repository')
}

async function ask(request: UpkeepRequest, signal: AbortSignal): Promise<Checks> {
  const child = fork(MAIN, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...compileCache() },
    killSignal: 'SIGKILL',
    signal,
  })
  const { promise, resolve, reject } = Promise.withResolvers<UpkeepReply | undefined>()
  child.once('message', (reply) => resolve(reply as UpkeepReply))
  child.on('error', reject)
  // Comes after every message, which `exit` need not.
  child.once('disconnect', () => resolve(undefined))
  child.send(request)
  const reply = await promise.catch(async (error: unknown) => {
    await wipeAfter(child, request.home)
    throw error
  })
  if (reply?.kind === 'done') return reply.checks
  if (reply === undefined) await wipeAfter(child, request.home)
  const { code, message } = reply ?? { code: 'UPKEEP_FAILED', message: 'its process was killed or broke down' }
  throw new HoldfastError(
    code,
    `cannot ${request.task.kind === 'report' ? 'report on' : request.task.kind} the repository: ${message}`,
  )
}

/** A process that was killed has wiped nothing. */
async function wipeAfter(child: ChildProcess, home: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  await wipeDrillLeftovers(home).catch(() => undefined)
}
