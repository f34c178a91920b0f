import { fork, type ChildProcess } from 'node:child_process'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { compileCache } from '../compile-cache.ts'
import type { RepositorySettings } from '../repository-settings.ts'
import type { Repository } from '../repository/repository.ts'
import type { ReceivedShares, Snapshot } from '../repository/snapshot.ts'
import type { CareOrder, CareResult } from '../repository/care.ts'

/** What the process is asked to do with the repository of these settings. */
export type StoreRequest = { settings: RepositorySettings } & (
  | { kind: 'store'; received: ReceivedShares }
  | { kind: 'check'; snapshot: Snapshot }
  | { kind: 'maintain'; order: CareOrder }
)
export type StoreReply =
  | { kind: 'stored' | 'checked'; snapshot: Snapshot }
  | { kind: 'maintained'; result: CareResult }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'broken'; why: string }

const MAIN = new URL('../store-process-main.ts', import.meta.url)
const STORE_DEADLINE_MS = 90_000
/** With several places, each of which may be slow, and gigabytes to compare, it may take a while. */
const CARE_DEADLINE_MS = 600_000

/**
 * Stores, opens for a check, and keeps up a repository in a process of its own that ends afterwards. Curves, age and its
 * post-quantum code, and the client of S3 take tens of megabytes that a service would keep for ever after their first use, and
 * no plaintext share stays behind in memory. The process can be killed at any time: the repository is crash-safe.
 */
export function storeInProcess(settings: RepositorySettings): Pick<Repository, 'store' | 'check' | 'maintain'> {
  return {
    async store(received, signal) {
      const reply = await within(STORE_DEADLINE_MS, signal, { settings, kind: 'store', received }, 'storing a snapshot')
      return reply.kind === 'stored' ? reply.snapshot : unexpected(reply)
    },
    async check(snapshot, signal) {
      await within(STORE_DEADLINE_MS, signal, { settings, kind: 'check', snapshot }, 'opening a snapshot')
    },
    async maintain(order, signal) {
      const request = { settings, kind: 'maintain', order } as const
      const reply = await within(CARE_DEADLINE_MS, signal, request, 'looking after the repository')
      return reply.kind === 'maintained' ? reply.result : unexpected(reply)
    },
  }
}

type Done = Extract<StoreReply, { kind: 'stored' | 'checked' | 'maintained' }>

function within(ms: number, signal: AbortSignal, request: StoreRequest, what: string): Promise<Done> {
  return withDeadline((limited) => ask(request, limited), ms, signal, what)
}

async function ask(request: StoreRequest, signal: AbortSignal): Promise<Done> {
  const child = fork(MAIN, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...compileCache() },
    killSignal: 'SIGKILL',
    signal,
  })
  const reply = await replyOf(child, request)
  switch (reply.kind) {
    case 'stored':
    case 'checked':
    case 'maintained':
      return reply
    case 'refused':
      throw new HoldfastError(reply.code, reply.message)
    case 'broken':
      throw new HoldfastError(
        'STORE_FAILED',
        `cannot ${ACTS[request.kind]}: its process ended before it was done: ${reply.why}`,
      )
    default:
      reply satisfies never
      throw new TypeError('unknown reply')
  }
}

const ACTS = { store: 'store the snapshot', check: 'check the snapshot', maintain: 'look after the repository' }

function unexpected(reply: Done): never {
  throw new TypeError(`the process answered something else: ${reply.kind}`)
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
