import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createLogger, silentLogger, type Logger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import type { FakeContract } from './support/fake-contract.ts'
import {
  contractFor,
  eventually,
  makeMachine,
  removeMachines,
  startNode,
  type Machine,
  type RunningNode,
} from './support/network.ts'

/** Nodes over real sockets, handing keys on as the contract's key events ask. */
const MESSAGE = Buffer.from('the same key')

type Network = {
  contract: FakeContract
  machines: Machine[]
  nodes: RunningNode[]
  groupKey: string
  newcomer: Machine
}

/** `accounts` hold a key under threshold 2; `new.near` runs too and is a candidate. */
async function networkWithKey(t: ExecutionContext, accounts: string[], log: Logger = silentLogger): Promise<Network> {
  const machines = await Promise.all(accounts.map((account) => makeMachine(account)))
  const newcomer = await makeMachine('new.near')
  const contract = contractFor(machines, 2)
  const nodes = [...machines, newcomer].map((machine) => startNode(machine, contract, log))
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await removeMachines([...machines, newcomer])
  })
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  await eventually('the candidate', () => 'new.near' in contract.candidates || undefined)
  return { contract, machines, nodes, groupKey: contract.keys[0]?.key ?? '', newcomer }
}

async function assertSigns(t: ExecutionContext, { home }: Machine, groupKey: string): Promise<void> {
  const signed = await eventually('a signature', () => signMessage(home, 0n, MESSAGE))
  t.is(signed.publicKey, groupKey)
  t.true(ed25519.verify(signed.signature, MESSAGE, parseEd25519Key(groupKey)))
}

const concluded = (contract: FakeContract, epoch: number) =>
  eventually(`epoch ${epoch}`, () => (contract.epoch === epoch && contract.resharing === undefined) || undefined)

async function privateShareOf({ home }: Machine): Promise<string> {
  const text = await readFile(join(home, 'shares', 'permanent.json'), 'utf8')
  return /"private_share":"([0-9a-f]{64})"/.exec(text)?.[1] ?? ''
}

test('resharing to another set - should take a newcomer in, let a member go and keep the key', async (t) => {
  const network = await networkWithKey(t, ['a.near', 'b.near', 'c.near'])
  const { contract, machines, newcomer, groupKey } = network
  contract.reshare(['a.near', 'b.near', 'new.near'])
  await concluded(contract, 1)
  t.is(contract.keys[0]?.key, groupKey)
  await assertSigns(t, newcomer, groupKey)
  await assertSigns(t, machines[0]!, groupKey)
  const status = await nodeStatus(newcomer.home)
  t.is(status['phase'], 'participating')
  await eventually('no temporary share', async () => {
    const left = await readdir(join(newcomer.home, 'shares', 'temporary'))
    return left.length === 0 || undefined
  })
  const gone = await nodeStatus(machines[2]!.home)
  t.not(gone['phase'], 'participating')
  await t.throwsAsync(signMessage(machines[2]!.home, 0n, MESSAGE), { message: /takes no part/ })
})

test('resharing to the same set - should replace every share and keep the key', async (t) => {
  const { contract, machines, groupKey } = await networkWithKey(t, ['a.near', 'b.near', 'c.near'])
  const before = await eventually('every share', async () => {
    const shares = await Promise.all(machines.map(privateShareOf))
    return shares.every((share) => share !== '') ? shares : undefined
  })
  contract.reshare(['a.near', 'b.near', 'c.near'], 3)
  await concluded(contract, 1)
  t.is(contract.keys[0]?.commitments.length, 3, 'under the new threshold')
  for (const { home } of machines) {
    await eventually('the new epoch', async () => Number((await nodeStatus(home))['epoch_id']) === 1 || undefined)
  }
  await assertSigns(t, machines[1]!, groupKey)
  const after = await Promise.all(machines.map(privateShareOf))
  t.is(new Set([...before, ...after]).size, 6)
})

test('signing - should go on under the old keys until the resharing is over', async (t) => {
  const { contract, machines, nodes, newcomer, groupKey } = await networkWithKey(t, ['a.near', 'b.near', 'c.near'])
  await nodes[3]?.stop()
  contract.reshare(['a.near', 'b.near', 'c.near', 'new.near'])
  await eventually('the resharing', async () => {
    const { waiting_for } = await nodeStatus(machines[0]!.home)
    return /reshared/.test(String(waiting_for)) || undefined
  })
  await assertSigns(t, machines[0]!, groupKey)
  t.is(contract.epoch, 0)
  const again = startNode(newcomer, contract)
  t.teardown(async () => void (await again.stop()))
  await eventually('joining', async () => (await nodeStatus(newcomer.home))['phase'] !== 'starting' || undefined)
  await concluded(contract, 1)
  await assertSigns(t, newcomer, groupKey)
})

test('dealer that lost its share - should be named, and left out by a later attempt', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', level: 'warn', stream: { write: (line: string) => void lines.push(line) } })
  const { contract, machines, nodes, groupKey } = await networkWithKey(t, ['a.near', 'b.near', 'c.near'], log)
  await nodes[0]?.stop()
  await rm(join(machines[0]!.home, 'shares'), { recursive: true })
  const again = startNode(machines[0]!, contract, log)
  t.teardown(async () => void (await again.stop()))
  contract.reshare(['a.near', 'b.near', 'c.near'])
  await concluded(contract, 1)
  t.true((contract.keys[0]?.attempt ?? 0) >= 1, 'the first attempt, in which a.near was to deal, failed')
  t.true(
    lines.some((line) => line.includes('holds no share of the key of domain 0')),
    lines.join(''),
  )
  await assertSigns(t, machines[0]!, groupKey)
})

test('vote for other commitments - should only cost an attempt', async (t) => {
  const { contract, machines, groupKey } = await networkWithKey(t, ['a.near', 'b.near', 'c.near'])
  let lies = 1
  contract.tamper = (account, method, args) => {
    if (account === 'b.near' && method === 'vote_reshared' && lies-- > 0) args['commitments'] = ['00', '11']
  }
  contract.reshare(['a.near', 'b.near', 'c.near'])
  await concluded(contract, 1)
  t.is(contract.keys[0]?.attempt, 1)
  await assertSigns(t, machines[2]!, groupKey)
})
