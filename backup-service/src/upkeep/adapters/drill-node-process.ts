import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ThrowawayReply, ThrowawayRequest } from '@holdfast/node/drill/throwaway-node-main.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { compileCache } from '../../compile-cache.ts'
import { makeDrillDirectory, wipe } from '../drill-directory.ts'
import type { StartDrillNode } from '../ports.ts'

/** A thousand proofs take two seconds. */
const ANSWER_DEADLINE_MS = 60_000

const MAIN = fileURLToPath(import.meta.resolve('@holdfast/node/drill/throwaway-node-main.ts'))

export type DrillNodeOptions = {
  home: string
  /** The service's own key: the only one that the node answers. */
  clientTlsKey: Ed25519KeyText
}

/** The throwaway node in a process of its own, with a directory of its own. It ends with whoever started it. */
export function drillNodeProcess({ home, clientTlsKey }: DrillNodeOptions): StartDrillNode {
  return {
    async start(live, signal) {
      const directory = await makeDrillDirectory(home)
      const child = fork(MAIN, {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: { ...process.env, ...compileCache() },
      })
      let ending: Promise<void> | undefined
      const end = (): Promise<void> => (ending ??= stop(child).then(() => wipe(directory)))
      try {
        const { port, tlsPublicKey } = await ask(
          child,
          { kind: 'open', task: { directory, ...live, clientTlsKey } },
          'listening',
          signal,
        )
        return {
          address: { host: '127.0.0.1', port, tlsPublicKey },
          possession: async (subject) => (await ask(child, { kind: 'prove', subject }, 'proofs', signal)).proofs,
          end,
        }
      } catch (error) {
        await end()
        throw error
      }
    },
  }
}

async function ask<K extends 'listening' | 'proofs'>(
  child: ChildProcess,
  request: ThrowawayRequest,
  kind: K,
  signal: AbortSignal,
): Promise<Extract<ThrowawayReply, { kind: K }>> {
  const reply = await withDeadline(
    (limited) => exchange(child, request, limited),
    ANSWER_DEADLINE_MS,
    signal,
    "the drill's node",
  )
  if (reply.kind === kind) return reply as Extract<ThrowawayReply, { kind: K }>
  throw reply.kind === 'refused'
    ? new HoldfastError(reply.code, `the drill's node failed: ${reply.message}`)
    : nodeFailed('it answered something else')
}

function exchange(child: ChildProcess, request: ThrowawayRequest, signal: AbortSignal): Promise<ThrowawayReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ThrowawayReply>()
  const gone = (): void => reject(nodeFailed('its process ended'))
  const failed = (error: Error): void => reject(nodeFailed(error.message))
  child.once('message', (reply) => resolve(reply as ThrowawayReply))
  child.once('disconnect', gone).once('error', failed)
  if (child.connected) child.send(request)
  else gone()
  return promise.finally(() => {
    child.off('disconnect', gone).off('error', failed)
    // A later error, of killing it for one, has nobody else to hear it.
    child.on('error', () => undefined)
    signal.throwIfAborted()
  })
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.kill('SIGKILL')
  return promise
}

function nodeFailed(why: string): HoldfastError {
  return new HoldfastError('DRILL_NODE_FAILED', `the drill's node could not be used: ${why}`)
}
