import test from 'ava'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { fetchShares, newIdentity } from './support/backup-client.ts'
import {
  contractFor,
  eventually,
  makeMachine,
  removeMachines,
  startNetwork,
  startNode,
  type Machine,
} from './support/network.ts'

const MESSAGE = Buffer.from('m')

test('chain out of reach - should stop serving when the last view is too old, and go on when it is back', async (t) => {
  const machines = await Promise.all(
    ['a.near', 'b.near'].map((account) => makeMachine(account, { max_view_age_seconds: 1 })),
  )
  const [a] = machines as [Machine, Machine]
  const contract = contractFor(machines, 2)
  const nodes = machines.map((machine) => startNode(machine, contract))
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await removeMachines(machines)
  })
  const backup = newIdentity()
  contract.register('a.near', backup.publicKeyText)
  contract.addDomains(1)
  const ticking = setInterval(() => contract.tick(), 100)
  t.teardown(() => clearInterval(ticking))
  await eventually('a signature', () => signMessage(a.home, 0n, MESSAGE))
  await eventually('a backup', () => fetchShares(a, backup, contract.keysetText()))

  contract.unreachable = true
  await eventually('the refusal to serve', () =>
    fetchShares(a, backup, contract.keysetText()).then(
      () => undefined,
      () => true,
    ),
  )
  await eventually('the refusal to sign', () =>
    signMessage(a.home, 0n, MESSAGE).then(
      () => undefined,
      (error: { code?: string }) => error.code === 'VIEW_STALE' || undefined,
    ),
  )

  contract.unreachable = false
  await eventually('a signature again', () => signMessage(a.home, 0n, MESSAGE))
  t.pass()
})

test('block that is old although the chain answers - should not be acted on', async (t) => {
  const machines = [await makeMachine('a.near')]
  const [a] = machines as [Machine]
  const contract = contractFor(machines, 2)
  contract.nowMs = () => Date.now() - 400_000
  const node = startNode(a, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines(machines)
  })
  await eventually('a view', async () => (await nodeStatus(a.home))['phase'] === 'participating' || undefined)
  await t.throwsAsync(signMessage(a.home, 0n, MESSAGE), { code: 'VIEW_STALE', message: /40\d s old/ })
})

test('authorisation that names other keys - should be said with both, and obeyed once it is right', async (t) => {
  const { machines, contract, nodes } = await startNetwork(t, ['a.near', 'b.near', 'c.near'], 2)
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  await nodes[2]?.stop()
  const fresh = await makeMachine('c.near')
  const node = startNode(fresh, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([fresh])
  })
  const wrong = machines[0]?.keys.signerPublicKey ?? ''
  contract.authorize('c.near', fresh.keys.tlsPublicKey, wrong)
  const status = await eventually('the complaint', async () => {
    const found = await nodeStatus(fresh.home)
    return found['phase'] === 'authorizedKeysDiffer' ? found : undefined
  })
  t.regex(String(status['waiting_for']), new RegExp(`${wrong}.*${fresh.keys.signerPublicKey}`))
  t.is(contract.recovering.size, 0)
  contract.authorize('c.near', fresh.keys.tlsPublicKey, fresh.keys.signerPublicKey)
  await eventually(
    'the recovery',
    async () => (await nodeStatus(fresh.home))['phase'] === 'awaitingShares' || undefined,
  )
})

test('recovery that was cancelled, its authorisation gone - should wait, not ask again', async (t) => {
  const { contract, nodes } = await startNetwork(t, ['a.near', 'b.near', 'c.near'], 2)
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  await nodes[2]?.stop()
  const fresh = await makeMachine('c.near')
  contract.authorize('c.near', fresh.keys.tlsPublicKey, fresh.keys.signerPublicKey)
  const node = startNode(fresh, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([fresh])
  })
  await eventually('the recovery', () => contract.recovering.size === 1 || undefined)
  contract.authorizations.delete('c.near')
  contract.cancelRecovery('c.near')
  await eventually(
    'the wait',
    async () => (await nodeStatus(fresh.home))['phase'] === 'waitingForAuthorization' || undefined,
  )
  t.is(contract.recovering.size, 0)
})
