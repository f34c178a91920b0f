import { access } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createLogger, silentLogger } from '@holdfast/protocol/log.ts'
import type { NodeConfig } from '../src/config/config.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { unburyNode } from '../src/unbury-node.ts'
import { deliverShares, fetchShares, newIdentity } from './support/backup-client.ts'
import type { FakeContract } from './support/fake-contract.ts'
import {
  eventually,
  makeMachine,
  removeMachines,
  startNetwork,
  startNode,
  type Machine,
  type RunningNode,
} from './support/network.ts'

/** A planned move (protocol.md 2.2), from the nodes' side: whose shares come when, and which machine is the node after it. */
const MESSAGE = Buffer.from('the same key, here and there')

/** Every try at a conclusion is lost on its way. */
const UNHEARD = Array.from({ length: 1_000 }, () => 'conclude_node_migration')

type Story = {
  contract: FakeContract
  /** c.near's node, a signature by it and the shares that its backup service has. */
  old: Machine
  oldNode: RunningNode
  publicKey: string
  backup: ReturnType<typeof newIdentity>
  copy: Awaited<ReturnType<typeof fetchShares>>
  machines: Machine[]
}

async function networkOfThree(t: ExecutionContext): Promise<Story> {
  const { machines, contract, nodes } = await startNetwork(t, ['a.near', 'b.near', 'c.near'], 2)
  const [, , old] = machines as [Machine, Machine, Machine]
  const backup = newIdentity()
  contract.addDomains(1)
  contract.register('c.near', backup.publicKeyText)
  const copy = await eventually('a backup', () => fetchShares(old, backup, contract.keysetText()))
  const { publicKey } = await eventually('a signature', () => signMessage(old.home, 0n, MESSAGE))
  return { contract, old, oldNode: nodes[2] as RunningNode, publicKey, backup, copy, machines }
}

/** Another machine of c.near, with a node that runs until the test ends. */
async function newMachine(
  t: ExecutionContext,
  contract: FakeContract,
  changes: Partial<NodeConfig> = {},
  lines: string[] = [],
) {
  const machine = await makeMachine('c.near', changes)
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const node = startNode(machine, contract, log)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([machine])
  })
  return { machine, node }
}

function startMove(contract: FakeContract, { config, keys }: Machine, signerKey: string = keys.signerPublicKey): void {
  contract.startMigration('c.near', config.url, keys.tlsPublicKey, signerKey)
}

function says(machine: Machine, phase: string, words = /./) {
  return eventually(`${machine.keys.tlsPublicKey} to say ${phase}`, async () => {
    const status = await nodeStatus(machine.home)
    return status['phase'] === phase && words.test(String(status['waiting_for'])) ? status : undefined
  })
}

test('planned move - should hand the place over once the shares are there, and the old node go on until then', async (t) => {
  const { contract, old, oldNode, publicKey, backup, copy, machines } = await networkOfThree(t)
  const { machine } = await newMachine(t, contract)
  await says(machine, 'waitingForAuthorization')
  t.is((await deliverShares(machine, backup, copy)).status, 409, 'nothing is taken before the operator has said so')
  startMove(contract, machine)
  t.like(await says(machine, 'awaitingShares', /planned move/), { claim: 'migration', shares_from: 'backup' })
  t.like(await nodeStatus(old.home), { phase: 'participating' })
  t.true(
    (await eventually('a signature by the old node', () => signMessage(old.home, 0n, MESSAGE))).signers.includes(
      'c.near',
    ),
  )
  t.like(await says(old, 'participating', /planned move/), { successor: { tls_public_key: machine.keys.tlsPublicKey } })

  // Delivered, stored and read back before the contract hears of it.
  contract.failures.push('conclude_node_migration')
  t.deepEqual(await deliverShares(machine, backup, copy), { status: 200, body: 'Keyshares received.' })
  t.deepEqual(await fetchShares(machine, backup, contract.keysetText()), copy)
  await says(machine, 'participating')
  t.is((await oldNode.ended).kind, 'superseded')
  t.is(contract.participants.get('c.near')?.info.incarnation, 1)
  t.is(contract.recovering.size, 0)
  const signed = await eventually('a signature by the new node', () => signMessage(machine.home, 0n, MESSAGE))
  t.is(signed.publicKey, publicKey)
  t.true(signed.signers.includes('c.near'))
  const byAnother = await eventually('a signature with the new node', async () => {
    const made = await signMessage(machines[0]?.home ?? '', 0n, MESSAGE)
    return made.signers.includes('c.near') ? made : undefined
  })
  t.is(byAnother.publicKey, publicKey)
  await t.throwsAsync(access(join(machine.home, 'shares', 'on-trial.json')), { code: 'ENOENT' })
})

test('planned move that is given up - should leave no share on the destination, running or not', async (t) => {
  const { contract, old, publicKey, backup, copy } = await networkOfThree(t)
  const lines: string[] = []
  const { machine, node } = await newMachine(t, contract, {}, lines)
  startMove(contract, machine)
  await says(machine, 'awaitingShares')
  contract.failures.push(...UNHEARD)
  t.is((await deliverShares(machine, backup, copy)).status, 200)
  contract.cancelMigration('c.near')
  await says(machine, 'waitingForAuthorization')
  await eventually('the shares to go', async () => {
    await t.throwsAsync(access(join(machine.home, 'shares', 'permanent.json')), { code: 'ENOENT' })
    return true
  })
  await t.throwsAsync(fetchShares(machine, backup, contract.keysetText()), { message: /^500/ })
  t.true(lines.some((line) => line.includes('are destroyed')))
  t.is((await deliverShares(machine, backup, copy)).status, 409)

  // The same again, given up while the destination is off.
  startMove(contract, machine)
  await says(machine, 'awaitingShares')
  t.is((await deliverShares(machine, backup, copy)).status, 200)
  await node.stop()
  await access(join(machine.home, 'shares', 'permanent.json'))
  contract.cancelMigration('c.near')
  const again = startNode(machine, contract, silentLogger)
  t.teardown(async () => void (await again.stop()))
  await says(machine, 'waitingForAuthorization')
  await t.throwsAsync(access(join(machine.home, 'shares', 'permanent.json')), { code: 'ENOENT' })
  t.is((await eventually('a signature', () => signMessage(old.home, 0n, MESSAGE))).publicKey, publicKey)
})

test('planned move while the protocol leaves Running - should wait, take nothing meanwhile, and go on after it', async (t) => {
  const { contract, oldNode, backup, copy, machines } = await networkOfThree(t)
  const { machine } = await newMachine(t, contract)
  startMove(contract, machine)
  await says(machine, 'awaitingShares')
  contract.reshare(['a.near', 'b.near', 'c.near'])
  await says(machine, 'waitingForRunning', /Resharing/)
  await eventually('the resharing', () => contract.epoch === 1 || undefined)
  await says(machine, 'awaitingShares')
  t.is((await deliverShares(machine, backup, copy)).status, 422, 'those shares are of the epoch before')
  const [, , old] = machines as [Machine, Machine, Machine]
  const fresh = await eventually('a backup', () => fetchShares(old, backup, contract.keysetText()))
  t.is((await deliverShares(machine, backup, fresh)).status, 200)
  await says(machine, 'participating')
  t.is((await oldNode.ended).kind, 'superseded')
})

test('planned move to keys that this node has only half of - should say both, and take nothing', async (t) => {
  const { contract, old, backup, copy } = await networkOfThree(t)
  const { machine } = await newMachine(t, contract, { shares_from: 'peers' })
  startMove(contract, machine, old.keys.signerPublicKey)
  const words = new RegExp(`${old.keys.signerPublicKey}.*${machine.keys.signerPublicKey}`)
  await says(machine, 'authorizedKeysDiffer', words)
  t.is((await deliverShares(machine, backup, copy)).status, 409)
  t.deepEqual(
    contract.calls.filter(({ method }) => method.startsWith('conclude')),
    [],
  )
  // Put right, it goes on; the other nodes repair nothing, whatever the configuration says.
  startMove(contract, machine)
  t.like(await says(machine, 'awaitingShares'), { shares_from: 'backup' })
  t.is((await deliverShares(machine, backup, copy)).status, 200)
  await says(machine, 'participating')
})

test('planned move and a recovery of the same account - should end with the node that recovers', async (t) => {
  const { contract, oldNode, backup, copy } = await networkOfThree(t)
  const { machine: planned, node: plannedNode } = await newMachine(t, contract)
  startMove(contract, planned)
  await says(planned, 'awaitingShares')
  const { machine: recovering } = await newMachine(t, contract)
  contract.authorize('c.near', recovering.keys.tlsPublicKey, recovering.keys.signerPublicKey)
  t.like(await says(recovering, 'awaitingShares'), { claim: 'recovery' })
  t.is((await oldNode.ended).kind, 'superseded')
  await says(planned, 'waitingForOtherRecovery')
  t.is((await deliverShares(planned, backup, copy)).status, 409)
  t.is((await deliverShares(recovering, backup, copy)).status, 200)
  await says(recovering, 'participating')
  // The real contract drops the move with the conclusion.
  contract.cancelMigration('c.near')
  await says(planned, 'waitingForAuthorization')
  t.is((await plannedNode.stop()).kind, 'stopped')
})

test('planned move there and back - should end at the first machine, unburied, without a delivery', async (t) => {
  const { contract, old, oldNode, publicKey, backup, copy } = await networkOfThree(t)
  const { machine, node } = await newMachine(t, contract)
  startMove(contract, machine)
  await says(machine, 'awaitingShares')
  t.is((await deliverShares(machine, backup, copy)).status, 200)
  t.is((await oldNode.ended).kind, 'superseded')
  await unburyNode(old.home)
  const back = startNode(old, contract)
  t.teardown(async () => void (await back.stop()))
  await says(old, 'waitingForAuthorization', /holdfast migrate/)
  startMove(contract, old)
  await says(old, 'participating')
  t.is((await node.ended).kind, 'superseded')
  t.is(contract.participants.get('c.near')?.info.incarnation, 2)
  t.is((await eventually('a signature', () => signMessage(old.home, 0n, MESSAGE))).publicKey, publicKey)
})
