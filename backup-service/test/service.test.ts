import test from 'ava'
import { setTimeout as delay } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { serve } from '../src/service.ts'
import { FakeApproval, FakeContract, FakeNode, FakeUpkeep, ScriptedObserver } from './support/fakes.ts'
import { until } from './support/home.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { repositoryOn } from './support/repository.ts'
import { live, next, recovering, running, runningNext, silentReport, start } from './support/serving.ts'
import { ALICE, key, NEW_NODE_KEY, NODE_KEY, OWN_KEY, runningJson } from './support/views.ts'

test('service - should back up on the first view, and not again while nothing changes', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => live.sharesOf(0)),
  )
  setting.show(running)
  await until(async () => (await setting.stored()).length === 1)
  setting.show(running)
  setting.show(running)
  await delay(50)
  t.is(setting.node.asked.length, 1)
  t.like(setting.node.asked[0], { host: '127.0.0.1', port: 8079, tlsPublicKey: NODE_KEY })
  await setting.stop()
  t.is(setting.report.closed, 1)
})

test('service - should fetch nothing after a restart when all is stored', async (t) => {
  const setting = await start(t, FakeNode.failing(), { held: true })
  setting.show(running)
  await delay(50)
  t.is(setting.node.asked.length, 0)
  await setting.stop()
})

test('service - should back up a new epoch and keep the old one', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => next.sharesOf(0)),
    { held: true },
  )
  setting.show(running)
  setting.show(runningNext)
  await until(async () => (await setting.stored()).length === 2)
  t.deepEqual((await setting.stored()).toSorted(), [5n, 6n])
  await setting.stop()
})

test('service - should back up each key as it is ready, and keep the smaller sets beside', async (t) => {
  const [first, second] = (live.json as { domains: Json[] }).domains
  const generating = (generated: Json[]): Json => {
    const { parameters } = (running as { Running: { parameters: Json } }).Running
    const domain = { id: 2, protocol: 'Frost', reconstruction_threshold: 3, purpose: 'Sign' }
    const generating_key = { epoch_id: 5, domain, parameters, instance: null, next_attempt_id: 0 }
    const domains = { domains: [], next_domain_id: 3 }
    return { Initializing: { domains, epoch_id: 5, generated_keys: generated, generating_key } }
  }
  const setting = await start(
    t,
    FakeNode.answering(() => live.sharesOf(0)),
  )
  setting.show(generating([]))
  setting.show(generating([first ?? null]))
  await until(async () => (await setting.stored()).length === 1)
  setting.show(generating([first ?? null, second ?? null]))
  await until(async () => (await setting.stored()).length === 2)
  // Generating the third is cancelled: the same two are live now, and held already.
  setting.show(running)
  await delay(50)
  t.is(setting.node.asked.length, 2)
  const { snapshots } = await setting.repository.contents()
  t.deepEqual(
    snapshots.map(({ keys }) => keys.map(({ domain }) => domain.domain_id)),
    [[0n], [0n, 1n]],
  )
  setting.show(recovering)
  await until(() => setting.node.given.length === 1)
  t.deepEqual(setting.node.given[0]?.shares, live.sharesOf(0))
  await setting.stop()
})

test('service - should retry a failed backup without any change of state', async (t) => {
  const setting = await start(t, FakeNode.failing())
  setting.show(running)
  await until(() => setting.node.asked.length === 1)
  setting.node.become(FakeNode.holding(() => live.sharesOf(0)))
  setting.show(running)
  setting.show(running)
  await until(async () => (await setting.stored()).length === 1)
  const [first = 0, second = 0, ...more] = setting.node.askedAt
  t.deepEqual(more, [])
  t.true(second - first >= 390, 'views that say the same do not hurry the retry')
  await setting.stop()
})

test('service - should try at once when the failed backup is asked for elsewhere', async (t) => {
  const setting = await start(t, FakeNode.failing())
  setting.show(running)
  await until(() => setting.node.asked.length === 1)
  setting.node.become(FakeNode.holding(() => live.sharesOf(0)))
  setting.show({ Running: runningJson(live.json, [{ accountId: ALICE, participantId: 0, tlsKey: key(3) }]) })
  await until(async () => (await setting.stored()).length === 1)
  t.is(setting.node.asked[1]?.tlsPublicKey, key(3))
  await setting.stop()
})

test('service - should let go of a hanging backup when the contract asks for something else', async (t) => {
  const setting = await start(t, FakeNode.hanging())
  setting.show(running)
  await until(() => setting.node.asked.length === 1)
  setting.node.become(FakeNode.holding(() => next.sharesOf(0)))
  setting.show(runningNext)
  await until(async () => (await setting.stored()).length === 1)
  t.deepEqual(await setting.stored(), [6n])
  t.deepEqual(setting.report.errors, [])
  await setting.stop()
})

test('service - should stop at once during a hanging fetch, with nothing stored', async (t) => {
  const setting = await start(t, FakeNode.hanging())
  setting.show(running)
  await until(() => setting.node.asked.length === 1)
  // The fetch never ends by itself.
  await setting.stop()
  t.deepEqual(await setting.stored(), [])
})

test('service - should refuse to keep shares of another polynomial, and ask again', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => live.sharesOf(1)),
  )
  setting.show(running)
  await until(() => setting.report.errors.length > 0)
  t.like(setting.report.errors[0], { code: 'KEYSHARE_NOT_ON_POLYNOMIAL' })
  t.deepEqual(await setting.stored(), [])
  setting.node.become(FakeNode.holding(() => live.sharesOf(0)))
  await until(async () => (await setting.stored()).length === 1)
  await setting.stop()
})

test('service - should deliver to the named node, confirm there, and then wait', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => []),
    { held: true },
  )
  setting.show(recovering)
  await until(() => setting.contract.confirmed.length === 1)
  t.deepEqual(setting.contract.confirmed, [{ tls_public_key: NEW_NODE_KEY, keyset_digest: keysetDigest(live.keyset) }])
  t.deepEqual(setting.node.given[0]?.shares, live.sharesOf(0))
  t.is(setting.node.given[0]?.node.tlsPublicKey, NEW_NODE_KEY)
  setting.show(recovering)
  await delay(50)
  t.is(setting.node.given.length, 1)
  await setting.stop()
})

test('service - should retry a delivery fast, for the node may not have seen its recovery yet', async (t) => {
  const setting = await start(t, FakeNode.failing('NODE_REFUSED'), { held: true })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 2)
  const [first = 0, second = 0] = setting.node.askedAt
  t.true(second - first >= 75 && second - first < 2_000)
  setting.node.become(FakeNode.holding(() => []))
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('service - should deliver and confirm once more when the confirmation failed', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => []),
    { held: true },
  )
  setting.contract.refusal = new HoldfastError('RPC_UNAVAILABLE', 'nothing was sent')
  setting.show(recovering)
  await until(() => setting.node.given.length >= 2)
  t.deepEqual(setting.contract.confirmed, [])
  setting.contract.refusal = undefined
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('service - should send nothing once the recovery is called off during a retry', async (t) => {
  const setting = await start(t, FakeNode.failing('PEER_CLOSED'), { held: true })
  setting.show(recovering)
  await until(() => setting.node.asked.length >= 1)
  setting.show(running)
  await delay(20)
  setting.node.become(FakeNode.holding(() => []))
  await delay(400)
  t.deepEqual(setting.node.given, [])
  await setting.stop()
})

test('service - should not send a damaged snapshot', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => []),
    { held: true },
  )
  await delay(50)
  const path = setting.files.paths().find((found) => found.endsWith('.age')) ?? ''
  setting.files.put(path, Buffer.from('torn'))
  setting.show(recovering)
  await until(() => setting.report.errors.length > 0)
  t.like(setting.report.errors[0], { code: 'SNAPSHOT_DAMAGED' })
  t.deepEqual(setting.node.given, [])
  await setting.stop()
})

test('service - should start nothing on a view that has grown too old', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => live.sharesOf(0)),
  )
  setting.show(running, Date.now() - 300_001)
  await delay(50)
  t.is(setting.node.asked.length, 0)
  setting.show(running)
  await until(async () => (await setting.stored()).length === 1)
  await setting.stop()
})

test('service - should go on through trouble with the chain', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => live.sharesOf(0)),
  )
  setting.observer.fail(new HoldfastError('VIEW_DISAGREED', 'one lies'))
  setting.show(running)
  await until(async () => (await setting.stored()).length === 1)
  t.like(setting.report.errors[0], { code: 'VIEW_DISAGREED' })
  await setting.stop()
})

test('service - should back up again what vanished from the repository', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => live.sharesOf(0)),
    { held: true, recheckMs: 50 },
  )
  setting.show(running)
  for (const path of setting.files.paths()) await setting.files.remove(path)
  await until(async () => (await setting.stored()).length === 1)
  t.is(setting.node.asked.length, 1)
  await setting.stop()
})

test('service - should open one snapshot for real at each start, and no more', async (t) => {
  const opened: string[] = []
  const setting = await start(t, FakeNode.failing(), {
    held: true,
    recheckMs: 30,
    check: async ({ slot }) => void opened.push(slot),
  })
  setting.show(running)
  await until(() => opened.length === 1)
  setting.show(running)
  await delay(150)
  t.is(opened.length, 1)
  t.is(setting.node.asked.length, 0)
  await setting.stop()
})

test('service - should back up anew, and name the file, when its snapshot does not open', async (t) => {
  const opened: string[] = []
  const setting = await start(
    t,
    FakeNode.answering(() => live.sharesOf(0)),
    {
      held: true,
      check: async ({ ciphertextSha256 }) => {
        opened.push(ciphertextSha256)
        throw new HoldfastError('SNAPSHOT_UNDECRYPTABLE', 'cannot decrypt a snapshot: made up')
      },
    },
  )
  setting.show(running)
  await until(() => setting.report.damaged.some(({ reason }) => /made up/.test(reason)))
  await until(() => setting.node.asked.length === 1)
  await delay(50)
  t.is(setting.node.asked.length, 1)
  t.is(opened.length, 1, 'the new one was opened when it was stored')
  await setting.stop()
})

test('service - should keep counting a snapshot while the check itself cannot be made, and try again', async (t) => {
  let tries = 0
  const setting = await start(t, FakeNode.failing(), {
    held: true,
    recheckMs: 50,
    check: async () => {
      tries += 1
      if (tries < 3) throw new HoldfastError('STORE_FAILED', 'its process was killed')
    },
  })
  setting.show(running)
  await until(() => tries === 3)
  t.is(setting.node.asked.length, 0)
  t.like(setting.report.errors[0], { code: 'STORE_FAILED' })
  await setting.stop()
})

test('service - should end with an error when nobody watches the contract any more', async (t) => {
  const setting = await start(
    t,
    FakeNode.holding(() => []),
  )
  setting.observer.end()
  await t.throwsAsync(setting.ended, { code: 'OBSERVER_LOST' })
  t.is(setting.report.closed, 1)
})

test('service - should end with an error when the repository cannot be read at the start', async (t) => {
  const files = new MemoryFiles()
  files.list = () => Promise.reject(Object.assign(new Error('made up'), { code: 'ENOENT' }))
  const repository = repositoryOn(files)
  const approval = FakeApproval.auto()
  const neverAsked = () => Promise.reject(new TypeError('not asked'))
  const ports = {
    observer: new ScriptedObserver(),
    node: FakeNode.failing(),
    contract: new FakeContract(),
    repository,
    keeper: { first: neverAsked, tend: neverAsked },
    approval,
    upkeep: new FakeUpkeep(),
  }
  const settings = { accountId: ALICE, keysharesPort: 1, ownTlsKey: OWN_KEY, freshness: { normalMs: 1, closedMs: 2 } }
  const ended = serve({ ...ports, report: silentReport(), log: silentLogger }, settings, new AbortController().signal)
  await t.throwsAsync(ended, { code: 'PLACE_MISSING', message: /home/ })
})
