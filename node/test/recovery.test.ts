import { access, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { deliverShares, fetchShares, newIdentity } from './support/backup-client.ts'
import {
  eventually,
  makeMachine,
  removeMachines,
  startNetwork,
  startNode,
  type Machine,
  type RunningNode,
} from './support/network.ts'

const MESSAGE = Buffer.from('the same key, before and after')

async function network(t: ExecutionContext, accounts: string[], threshold: number) {
  const made = await startNetwork(t, accounts, threshold)
  made.contract.addDomains(1)
  await eventually('key generation', () => made.contract.keys.length === 1 || undefined)
  return made
}

function phaseIs(machine: Machine, phase: string) {
  return eventually(
    `${machine.accountId} ${phase}`,
    async () => (await nodeStatus(machine.home))['phase'] === phase || undefined,
  )
}

test('lost machine - should recover its share and sign under the same key while the others go on', async (t) => {
  const { machines, contract, nodes } = await network(t, ['a.near', 'b.near', 'c.near'], 2)
  const [a, , c] = machines as [Machine, Machine, Machine]
  const backup = newIdentity()
  contract.register('c.near', backup.publicKeyText)
  const copy = await eventually('a backup', () => fetchShares(c, backup, contract.keysetText()))
  const { publicKey } = await eventually('a signature', () => signMessage(a.home, 0n, MESSAGE))

  await nodes[2]?.stop()
  const oldHome = c.home
  const replacement = await makeMachine('c.near')
  let node: RunningNode = startNode(replacement, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([replacement])
  })
  await phaseIs(replacement, 'waitingForAuthorization')
  contract.authorize('c.near', replacement.keys.tlsPublicKey, replacement.keys.signerPublicKey)
  await phaseIs(replacement, 'awaitingShares')
  t.is(
    (await eventually('a signature by the rest', () => signMessage(a.home, 0n, MESSAGE))).signers.join(),
    'a.near,b.near',
  )

  // Stored and not concluded: a kill in between must cost nothing.
  contract.failures.push('conclude_recovery')
  t.deepEqual(await eventually('a delivery', () => deliverShares(replacement, backup, copy)), {
    status: 200,
    body: 'Keyshares received.',
  })
  await node.stop()
  node = startNode(replacement, contract)
  await phaseIs(replacement, 'participating')
  t.is(contract.recovering.size, 0)

  await nodes[1]?.stop()
  const signed = await eventually('a signature with the new machine', () => signMessage(replacement.home, 0n, MESSAGE))
  t.is(signed.publicKey, publicKey)
  t.deepEqual(signed.signers, ['a.near', 'c.near'])

  const old = startNode({ ...c, home: oldHome }, contract)
  const reason = await old.ended
  t.is(reason.kind, 'superseded')
  const again = await t.throwsAsync(startNode({ ...c, home: oldHome }, contract).ended)
  t.true(isHoldfastError(again, 'TOMBSTONE'))
})

test('node killed after its conclude and replaced meanwhile - should stop for good at its next start', async (t) => {
  const { machines, contract, nodes } = await network(t, ['a.near', 'b.near', 'c.near'], 2)
  const [, , c] = machines as [Machine, Machine, Machine]
  const backup = newIdentity()
  contract.register('c.near', backup.publicKeyText)
  const copy = await eventually('a backup', () => fetchShares(c, backup, contract.keysetText()))
  await nodes[2]?.stop()
  const fresh = await makeMachine('c.near')
  t.teardown(() => removeMachines([fresh]))
  contract.authorize('c.near', fresh.keys.tlsPublicKey, fresh.keys.signerPublicKey)
  const node = startNode(fresh, contract)
  await phaseIs(fresh, 'awaitingShares')
  // The node sees nothing of its own conclusion.
  contract.lagBlocks = 1
  contract.tick()
  const concluded = eventually('the conclusion', () => contract.recovering.size === 0 || undefined)
  await eventually('a delivery', async () => (await deliverShares(fresh, backup, copy)).status === 200 || undefined)
  await concluded
  await node.stop()
  contract.lagBlocks = 0
  await t.throwsAsync(access(join(fresh.home, 'took-part.json')), { code: 'ENOENT' })
  contract.replaceNode('c.near', 'http://127.0.0.1:1', newIdentity().publicKeyText)
  t.is((await startNode(fresh, contract).ended).kind, 'superseded')
})

test('node that starts on endpoints that lag behind its recovery - should wait for them, not take itself for replaced', async (t) => {
  const { machines, contract, nodes } = await network(t, ['a.near', 'b.near', 'c.near'], 2)
  const [, , c] = machines as [Machine, Machine, Machine]
  const backup = newIdentity()
  contract.register('c.near', backup.publicKeyText)
  const copy = await eventually('a backup', () => fetchShares(c, backup, contract.keysetText()))
  await nodes[2]?.stop()
  const before = contract.height
  const fresh = await makeMachine('c.near')
  contract.authorize('c.near', fresh.keys.tlsPublicKey, fresh.keys.signerPublicKey)
  let node = startNode(fresh, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([fresh])
  })
  await phaseIs(fresh, 'awaitingShares')
  await eventually('a delivery', async () => (await deliverShares(fresh, backup, copy)).status === 200 || undefined)
  await phaseIs(fresh, 'participating')
  await node.stop()

  contract.lagBlocks = contract.height - before
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  node = startNode(fresh, contract, createLogger({ name: 'node', stream }))
  await eventually('the trouble', () => lines.some((line) => line.includes('has acted on before')) || undefined)
  t.false(lines.some((line) => line.includes('the phase changed')))
  contract.lagBlocks = 0
  await phaseIs(fresh, 'participating')
})

test('all machines lost - should recover all at once and sign', async (t) => {
  const { machines, contract, nodes } = await network(t, ['a.near', 'b.near', 'c.near'], 2)
  const backup = newIdentity()
  const copies: Keyshare[][] = []
  for (const machine of machines) {
    contract.register(machine.accountId, backup.publicKeyText)
    copies.push(await eventually('a backup', () => fetchShares(machine, backup, contract.keysetText())))
  }
  await Promise.all(nodes.map((node) => node.stop()))
  await Promise.all(machines.map(({ home }) => rm(home, { recursive: true })))

  const replacements = await Promise.all(machines.map(({ accountId }) => makeMachine(accountId)))
  for (const { accountId, keys } of replacements) contract.authorize(accountId, keys.tlsPublicKey, keys.signerPublicKey)
  const fresh = replacements.map((machine) => startNode(machine, contract))
  t.teardown(async () => {
    await Promise.all(fresh.map((node) => node.stop()))
    await removeMachines(replacements)
  })
  await Promise.all(
    replacements.map(async (machine, index) => {
      await phaseIs(machine, 'awaitingShares')
      await eventually(
        'a delivery',
        async () => (await deliverShares(machine, backup, copies[index] ?? [])).status === 200 || undefined,
      )
      await phaseIs(machine, 'participating')
    }),
  )
  for (const { home } of replacements) {
    const signed = await eventually('a signature', () => signMessage(home, 0n, MESSAGE))
    t.is(signed.publicKey, contract.keys[0]?.key ?? '')
  }
})

test('replaced node whose tombstone cannot be written - should stop serving and end all the same', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const made = await startNetwork(t, ['a.near', 'b.near', 'c.near'], 2, createLogger({ name: 'node', stream }))
  const { contract, nodes } = made
  const [, , c] = made.machines as [Machine, Machine, Machine]
  contract.addDomains(1)
  await eventually('a signature', () => signMessage(c.home, 0n, MESSAGE))
  const backup = newIdentity()
  contract.register('c.near', backup.publicKeyText)
  await eventually('a backup', () => fetchShares(c, backup, contract.keysetText()))
  // A directory in its place refuses the rename, as a full disk would refuse the file.
  await mkdir(join(c.home, 'tombstone.json'))
  contract.replaceNode('c.near', 'http://127.0.0.1:1', newIdentity().publicKeyText)
  t.deepEqual(await nodes[2]?.ended, { kind: 'superseded', why: 'tls-key-replaced', tombstone: undefined })
  await t.throwsAsync(fetchShares(c, backup, contract.keysetText()))
  await t.throwsAsync(signMessage(c.home, 0n, MESSAGE), { code: 'NODE_NOT_RUNNING' })
  t.true(lines.some((line) => line.includes('its tombstone could not be written')))
})
