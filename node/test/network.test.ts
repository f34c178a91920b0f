import test from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { contractFor, eventually, makeMachine, removeMachines, startNode } from './support/network.ts'

test('three nodes - should generate two keys and sign under them', async (t) => {
  const machines = await Promise.all(['a.near', 'b.near', 'c.near'].map((account) => makeMachine(account)))
  const contract = contractFor(machines, 2)
  const nodes = machines.map((machine) => startNode(machine, contract))
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await removeMachines(machines)
  })
  contract.addDomains(2)
  await eventually('key generation', () => contract.keys.length === 2 || undefined)
  const message = Buffer.from('hello')
  for (const { home } of machines) {
    for (const domain of [0n, 1n]) {
      const signed = await eventually('a signature', () => signMessage(home, domain, message))
      t.is(signed.publicKey, contract.keys[Number(domain)]?.key ?? '')
      t.true(ed25519.verify(signed.signature, message, parseEd25519Key(signed.publicKey, 'group key')))
      t.is(signed.signers.length, 2)
    }
  }
  const status = await nodeStatus(machines[0]?.home ?? '')
  t.is(status['phase'], 'participating')
})
