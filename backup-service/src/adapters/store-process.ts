import { fork, type ChildProcess } from 'node:child_process'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { compileCache } from '../compile-cache.ts'
import type { Repository } from '../repository/repository.ts'
import type { Owner, ReceivedShares, Snapshot } from '../repository/snapshot.ts'

/** What the process needs to open the repository. */
export type StoreSettings = {
  directory: string
  owner: Owner
  ageIdentity: string
  /** Names the identity in errors. */
  ageIdentityFile: string
}
export type StoreRequest = StoreSettings &
  ({ kind: 'store'; received: ReceivedShares } | { kind: 'check'; snapshot: Snapshot })
export type StoreReply =
  | { kind: 'done'; snapshot: Snapshot }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'broken'; why: string }

const MAIN = new URL('../store-process-main.ts', import.meta.url)
const STORE_DEADLINE_MS = 60_000

/**
 * Stores, and opens for a check, in a process of its own that ends afterwards. Curves, age and its post-quantum code take 18 MB that a service
 * would keep for ever after its first backup, and no plaintext share stays behind in memory. The process can be killed
 * at any time: the repository is crash-safe.
 */
export function storeInProcess(settings: StoreSettings): Pick<Repository, 'store' | 'check'> {
  return {
    store: (received, signal) =>
      withDeadline(
        (limited) => ask({ ...settings, kind: 'store', received }, limited),
        STORE_DEADLINE_MS,
        signal,
        'storing a snapshot',
      ),
    async check(snapshot, signal) {
      await withDeadline(
        (limited) => ask({ ...settings, kind: 'check', snapshot }, limited),
        STORE_DEADLINE_MS,
        signal,
        'opening a snapshot',
      )
    },
  }
}

async function ask(request: StoreRequest, signal: AbortSignal): Promise<Snapshot> {
  const child = fork(MAIN, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...compileCache() },
    killSignal: 'SIGKILL',
    signal,
  })
  const reply = await replyOf(child, request)
  switch (reply.kind) {
    case 'done':
      return reply.snapshot
    case 'refused':
      throw new HoldfastError(reply.code, reply.message)
    case 'broken':
      throw new HoldfastError(
        'STORE_FAILED',
        `cannot ${request.kind} the snapshot: its process ended before it was done: ${reply.why}`,
      )
    default:
      reply satisfies never
      throw new TypeError('unknown reply')
  }
}

function replyOf(child: ChildProcess, request: StoreRequest): Promise<StoreReply> {
  const { promise, resolve, reject } = Promise.withResolvers<StoreReply>()
  child.once('message', (reply) => resolve(reply as StoreReply))
  // Stays attached: a process that could not be spawned fails at the sending too.
  child.on('error', reject)
  // Comes after every message, which `exit` need not; and a process that is killed disconnects too.
  child.once('disconnect', () => resolve({ kind: 'broken', why: 'it was killed or broke down' }))
  child.send(request)
  return promise
}
