import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { backupStatus } from '@holdfast/backup-service/backup-status.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine, startBackupMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns } from './support/signing.ts'

/**
 * A recovery that meets a second pair of eyes, with a real contract and real processes. Fails if a held restore is made
 * without a yes, if the operator is not told of it with the command to answer, or if his yes does not let it through.
 */
test('a held restore - should be told, wait for a yes, and then be made', async (t) => {
  const devnet = await startNetwork(t, { nodes: 2, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const alice = operatorAt(devnet, 0)
  const { backup } = alice
  if (backup === undefined) throw new TypeError('alice has no backup service')
  const told = await receiver(t)
  await backup.process?.end('SIGTERM')
  const file = join(backup.home, 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  config['restore_approval'] = { mode: 'hold', minutes: 600 }
  config['notifications'] = [{ kind: 'webhook', url_file: 'hook' }]
  await writeFile(file, JSON.stringify(config))
  await writeFile(join(backup.home, 'hook'), told.url, { mode: 0o600 })
  startBackupMachine(devnet, backup)

  await destroyMachine(alice)
  const machine = await addMachine(devnet, alice)
  await authoriseMachine(devnet, alice)
  startMachine(devnet, machine)
  const held = await waitFor(devnet, 'the word that a restore waits', () =>
    told.messages.find(({ key }) => key === 'restore-held'),
  )
  t.regex(held.text, new RegExp(`holdfast backup approve --home ${backup.home} --destination-key ${machine.tlsKey}`))
  await waitFor(devnet, 'the word of the recovery and its authorisation', () =>
    ['recovery', 'authorisation'].every((key) => told.messages.some((message) => message.key === key)),
  )
  const status = await backupStatus(backup.home)
  t.like(status, { level: 'recovering', doing: { kind: 'hold' }, last_restore: null })
  t.false(hasRecovered(await devnet.reader.readView(devnet.signal), alice))

  const answer = await runHoldfast(['backup', 'approve', '--home', backup.home, '--destination-key', machine.tlsKey])
  t.is(answer.code, 0, answer.stderr)
  await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, alice))
  await assertSigns(t, devnet, alice, keys)
  await waitFor(devnet, 'the word that the node was replaced', () =>
    told.messages.some(({ key }) => key === 'participant'),
  )
})

type Told = { key: string; text: string }

async function receiver(t: ExecutionContext): Promise<{ url: string; messages: Told[] }> {
  const messages: Told[] = []
  const server = createServer(async (request, response) => {
    messages.push(JSON.parse(await text(request)) as Told)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void (server.closeAllConnections(), server.close()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, messages }
}

function waitFor<T>(devnet: Devnet, what: string, find: () => T | undefined | false): Promise<T> {
  return waitUntil(what, async () => find() || undefined, { deadlineMs: 60_000, signal: devnet.signal, everyMs: 100 })
}
