/** What every adapter of a port must do, the fakes that other tests rely on included. */
import test, { type ExecutionContext } from 'ava'
import { ContractRefusedError } from '@holdfast/protocol/contract-panic.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { parseKeyshares, serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { contractConfirmation } from '../src/adapters/contract-confirmation.ts'
import { mutualTlsNode } from '../src/adapters/mutual-tls-node.ts'
import { pollingObserver } from '../src/adapters/polling-observer.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import type {
  ConfirmDelivery,
  DeliverShares,
  FetchShares,
  NodeAddress,
  Observation,
  ObserveContract,
} from '../src/ports.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { FakeContract, FakeNode, ScriptedObserver } from './support/fakes.ts'
import { httpAnswer, SERVICE_IDENTITY, startNodeServer } from './support/node-server.ts'
import { NODE_KEY, key, runningJson, viewOf } from './support/views.ts'

const dealt = dealKeyset()
const sharesText = serializeKeyshares(dealt.sharesOf(0))
const shares = parseKeyshares(sharesText, 'the dealt shares')
const never = new AbortController().signal

type NodeUnderTest = { port: FetchShares & DeliverShares; address: NodeAddress; given(): string[] }
type Behaviour = 'holding' | 'hanging' | 'refusing'
const nodes: [name: string, make: (t: ExecutionContext, behaviour: Behaviour) => Promise<NodeUnderTest>][] = [
  [
    'mutual TLS node',
    async (t, behaviour) => {
      const given: string[] = []
      const server = await startNodeServer((request, socket, channelKey) => {
        if (behaviour === 'hanging') return
        if (behaviour === 'refusing') return void socket.write(httpAnswer('500 Oops', 'no'))
        if (request.method === 'PUT') given.push(decryptKeyshares(request.body, channelKey))
        return void socket.write(httpAnswer('200 OK', encryptKeyshares(sharesText, channelKey)))
      })
      t.teardown(() => server.close())
      return { port: mutualTlsNode({ identity: SERVICE_IDENTITY }), address: server.address, given: () => given }
    },
  ],
  [
    'fake node',
    async (_, behaviour) => {
      const made = {
        holding: () => FakeNode.holding(() => dealt.sharesOf(0)),
        hanging: () => FakeNode.hanging(),
        refusing: () => FakeNode.failing('NODE_REFUSED'),
      }
      const port = made[behaviour]()
      const address = { host: '127.0.0.1', port: 1, tlsPublicKey: NODE_KEY }
      return { port, address, given: () => port.given.map((delivery) => serializeKeyshares(delivery.shares)) }
    },
  ],
]

for (const [name, make] of nodes) {
  test(`${name} - should give what it holds and take what it is given, as often as asked`, async (t) => {
    const { port, address, given } = await make(t, 'holding')
    for (let i = 0; i < 2; i++) {
      t.true((await port.fetchShares(address, dealt.json, never)) === sharesText)
      await port.deliverShares(address, shares, never)
    }
    t.true(given().length === 2 && given().every((text) => text === sharesText))
  })

  test(`${name} - should say by name that it refuses`, async (t) => {
    const { port, address, given } = await make(t, 'refusing')
    await t.throwsAsync(port.fetchShares(address, dealt.json, never), { code: 'NODE_REFUSED' })
    await t.throwsAsync(port.deliverShares(address, shares, never), { code: 'NODE_REFUSED' })
    t.deepEqual(given(), [])
  })

  test(`${name} - should let go with the signal's reason`, async (t) => {
    const { port, address } = await make(t, 'hanging')
    for (const act of [
      port.fetchShares(address, dealt.json, aborting()),
      port.deliverShares(address, shares, aborting()),
    ]) {
      await t.throwsAsync(act, { message: 'stopped' })
    }
  })
}

function aborting(): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('stopped')), 50)
  return controller.signal
}

const view = viewOf({ Running: runningJson(dealt.json) })
const trouble = new HoldfastError('RPC_UNAVAILABLE', 'made up')
const observers: [name: string, make: (script: (ContractView | Error)[]) => ObserveContract][] = [
  [
    'polling observer',
    (script) => {
      const left = [...script]
      const readView = async (signal: AbortSignal): Promise<ContractView> => {
        const next = left.shift()
        if (next === undefined)
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        if (next instanceof Error) throw next
        return next
      }
      return pollingObserver({ readView }, { identify: async () => HOLDFAST }, 5)
    },
  ],
  [
    'scripted observer',
    (script) => {
      const observer = new ScriptedObserver()
      for (const item of script) {
        if (item instanceof Error) observer.fail(item)
        else observer.show(item)
      }
      return observer
    },
  ],
]

for (const [name, make] of observers) {
  test(`${name} - should show views and trouble in order, go on, and end with the signal alone`, async (t) => {
    const stopping = new AbortController()
    const seen: Observation[] = []
    for await (const observation of make([view, trouble, view]).observe(stopping.signal)) {
      seen.push(observation)
      if (seen.length === 3) setTimeout(() => stopping.abort(), 20)
    }
    t.deepEqual(seen, [
      { kind: 'view', view, network: HOLDFAST },
      { kind: 'trouble', error: trouble },
      { kind: 'view', view, network: HOLDFAST },
    ])
  })
}

const delivery = { tls_public_key: key(2), keyset_digest: '00' }
type ContractUnderTest = { port: ConfirmDelivery; confirmed(): unknown[] }
const contracts: [name: string, make: (refusal: Error | undefined) => ContractUnderTest][] = [
  [
    'contract confirmation',
    (refusal) => {
      const confirmed: unknown[] = []
      const call = async (method: string, args: unknown) => {
        if (refusal !== undefined) throw refusal
        confirmed.push([method, args])
        return { transactionHash: '', returned: null, logs: [], gasBurntTgas: 1 }
      }
      const port = contractConfirmation(async () => ({ call }))
      return { port, confirmed: () => confirmed.map((made) => (made as unknown[])[1]) }
    },
  ],
  [
    'fake contract',
    (refusal) => {
      const port = new FakeContract()
      port.refusal = refusal
      return { port, confirmed: () => port.confirmed }
    },
  ],
]

for (const [name, make] of contracts) {
  test(`${name} - should confirm what was delivered, or say why not`, async (t) => {
    const { port, confirmed } = make(undefined)
    await port.confirmDelivery(delivery, never)
    t.deepEqual(confirmed(), [delivery])
    const refusal = new ContractRefusedError('confirm_share_delivery', 'WRONG_SIGNER_KEY', 'another key')
    await t.throwsAsync(make(refusal).port.confirmDelivery(delivery, never), { code: 'CONTRACT_REFUSED' })
  })
}

test('contract confirmation - should be content when the recovery is over by then', async (t) => {
  for (const code of ['NOT_RECOVERING', 'WRONG_STATE']) {
    const call = () => Promise.reject(new ContractRefusedError('confirm_share_delivery', code, 'over'))
    await t.notThrowsAsync(contractConfirmation(async () => ({ call })).confirmDelivery(delivery, never))
  }
})

test('contract confirmation - should load its client again after a load that failed, and else only once', async (t) => {
  let loads = 0
  const { confirmDelivery } = contractConfirmation(async () => {
    loads += 1
    if (loads === 1) throw new Error('EMFILE')
    return { call: async () => ({ transactionHash: '', returned: null, logs: [], gasBurntTgas: 1 }) }
  })
  await t.throwsAsync(confirmDelivery(delivery, never), { message: 'EMFILE' })
  await confirmDelivery(delivery, never)
  await confirmDelivery(delivery, never)
  t.is(loads, 2)
})
