/**
 * The service as the process that an operator runs. Fails if a signal loses anything, leaves anything behind, or is not
 * answered with exit code 0.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { LOCK_FILE } from '../src/adapters/directory-lock.ts'
import { EXCHANGE_DEADLINE_MS } from '../src/adapters/mutual-tls-node.ts'
import { backupStatus } from '../src/backup-status.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { configOf, temporaryDirectory, until } from './support/home.ts'
import { httpAnswer, startNodeServer, type Answer, type NodeServer } from './support/node-server.ts'
import { startRpcStub } from './support/rpc-stub.ts'
import { dealt, sharesText } from './support/service-setting.ts'
import { ALICE, runningJson } from './support/views.ts'

const MAIN = fileURLToPath(new URL('../../cli/holdfast.js', import.meta.url))
const giveShares: Answer = (_, socket, key) =>
  void socket.write(httpAnswer('200 OK', encryptKeyshares(sharesText, key)))

type Machine = { home: string; node: NodeServer; start(): ChildProcess }

async function machine(t: ExecutionContext, onGet: Answer): Promise<Machine> {
  const home = await temporaryDirectory(t)
  const node = await startNodeServer(onGet)
  const rpc = await startRpcStub(1)
  const { tlsPublicKey } = await initBackupService({
    home,
    config: configOf({ rpc_urls: rpc.urls, keyshares_port: node.address.port }),
  })
  const parties = [{ accountId: ALICE, participantId: 0, tlsKey: node.address.tlsPublicKey }]
  rpc.show({ Running: runningJson(dealt.json, parties) }, { [ALICE]: [{ public_key: tlsPublicKey }, null] })
  const started: ChildProcess[] = []
  t.teardown(async () => {
    for (const child of started) child.kill('SIGKILL')
    await node.close()
    await rpc.close()
  })
  return {
    home,
    node,
    start() {
      const child = spawn(process.execPath, [MAIN, 'backup', 'run', '--home', home], { stdio: 'ignore' })
      started.push(child)
      return child
    },
  }
}

async function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { code: child.exitCode, signal: child.signalCode }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(`process - should end well on ${signal} in the middle of a fetch`, async (t) => {
    const { home, node, start } = await machine(t, () => undefined)
    const child = start()
    await until(() => node.requests.length > 0)
    const begun = performance.now()
    child.kill(signal)
    t.deepEqual(await ended(child), { code: 0, signal: null })
    t.true(performance.now() - begun < EXCHANGE_DEADLINE_MS, 'it did not wait for the fetch to be given up')
    t.deepEqual(await readdir(join(home, 'repository')), [LOCK_FILE])
    t.false((await backupStatus(home)).covered)
  })
}

test.serial('process - should be killed at any moment of a backup and make it good the next time', async (t) => {
  const { home, node, start } = await machine(t, giveShares)
  for (const ms of [0, 120, 240, 360]) {
    const requests = node.requests.length
    const child = start()
    await until(
      async () => node.requests.length > requests || (await backupStatus(home).catch(() => undefined))?.covered,
    )
    await delay(ms)
    child.kill('SIGKILL')
    t.deepEqual(await ended(child), { code: null, signal: 'SIGKILL' })
  }
  const startedAt = Date.now()
  const last = start()
  await until(async () => {
    const status = await backupStatus(home).catch(() => undefined)
    return status?.level === 'healthy' && Date.parse(status.updated_at) > startedAt
  })
  last.kill('SIGTERM')
  t.deepEqual(await ended(last), { code: 0, signal: null })
  t.is((await readdir(join(home, 'repository'))).filter((name) => !name.endsWith('.tmp')).length, 5)
  t.deepEqual((await backupStatus(home)).damaged, [])
})
