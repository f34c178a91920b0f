import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type TLSSocket } from 'node:tls'
import test from 'ava'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { tlsServerOptions } from '@holdfast/protocol/tls-channel.ts'
import { backupStatus } from '@holdfast/backup-service/backup-status.ts'
import { addBackupMachine, startBackupMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { registerBackupMachine } from '@holdfast/cli/devnet/set-up.ts'
import { waitForBackup } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { operatorAt, startNetwork } from './support/network.ts'

/**
 * The wrong TLS key on either side of the key-share channel. Fails if a node answers a service that its operator did not
 * register, or a service writes a byte to a machine that the contract does not name.
 */
test('the key-share channel - should refuse the wrong key on either side', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const alice = operatorAt(devnet, 0)
  const machine = presentMachine(alice)
  const registered = alice.backup
  await registered?.process?.end('SIGTERM')

  // A second service with keys of its own that nobody registered: it is given nothing and says why.
  const stranger = await addBackupMachine(devnet, { ...alice, name: 'alice-stranger' })
  startBackupMachine(devnet, stranger)
  const unregistered = await waitUntil(
    'the unregistered service to say what is wrong',
    async () => {
      const status = await backupStatus(stranger.home)
      return status.last_error !== null || status.doing?.kind === 'refuse' ? status : undefined
    },
    { deadlineMs: 30_000, signal: devnet.signal },
  )
  t.false(unregistered.covered)
  t.false(unregistered.registered)
  t.is(unregistered.snapshots, 0)
  t.regex(`${unregistered.summary} ${unregistered.to_do} ${unregistered.last_error?.message}`, /regist/i)

  // The same service, registered, and an impostor with another key at the node's address: no byte reaches it.
  await machine.process?.end('SIGTERM')
  const impostor = createTlsIdentity(randomBytes(32))
  let received = 0
  const server = createServer(tlsServerOptions(impostor), (socket: TLSSocket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => (received += chunk.length))
  }).listen(devnet.ports.keyshares, machine.address)
  server.on('tlsClientError', () => undefined)
  await once(server, 'listening')
  alice.backup = stranger
  await registerBackupMachine(devnet, alice)
  const cheated = await waitUntil(
    'the service to notice the impostor',
    async () => {
      const status = await backupStatus(stranger.home)
      return status.last_error?.code === 'PEER_WRONG_KEY' ? status : undefined
    },
    { deadlineMs: 30_000, signal: devnet.signal },
  )
  const sentence = cheated.last_error?.message ?? ''
  t.true(sentence.includes(machine.tlsKey) && sentence.includes(impostor.publicKeyText), sentence)
  t.is(received, 0)
  t.false(cheated.covered)

  // The real node again: the backup follows by itself.
  server.close()
  startMachine(devnet, machine)
  await waitForBackup(devnet, alice)
  t.pass()
})
