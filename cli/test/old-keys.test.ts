import test from 'ava'
import { NODE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { FunctionCallKey } from '@holdfast/protocol/rpc/near-queries.ts'
import { agreedOldKeys } from '../src/operator/old-keys.ts'
import { perform } from '../src/operator/perform.ts'
import { planAuthorisation } from '../src/operator/plan.ts'
import { nearCliText } from '../src/operator/render-action.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'

const key = (fill: number): Ed25519KeyText => publicKeyOfSeed(Buffer.alloc(32, fill))
const nodes = (publicKey: Ed25519KeyText, changes: Partial<FunctionCallKey> = {}): FunctionCallKey => ({
  publicKey,
  receiverId: 'mpc.near',
  methods: [...NODE_METHODS],
  ...changes,
})

test('old keys - should be those for the contract with exactly a node’s methods, without the new one', (t) => {
  const list = [
    nodes(key(1)),
    nodes(key(2), { methods: [...NODE_METHODS].toReversed() }),
    nodes(key(3), { receiverId: 'other.near' }),
    nodes(key(4), { methods: NODE_METHODS.slice(1) }),
    nodes(key(5), { methods: [...NODE_METHODS, 'authorize_node'] }),
    nodes(key(6), { methods: [] }),
    nodes(key(7)),
  ]
  t.deepEqual(agreedOldKeys([list], 1, 'mpc.near', key(7)), [key(1), key(2)])
})

test('old keys - should be what a majority of the endpoints lists', (t) => {
  const liar = [nodes(key(1)), nodes(key(9)), nodes(key(9))]
  t.deepEqual(agreedOldKeys([liar, [nodes(key(1))], []], 2, 'mpc.near', key(7)), [key(1)])
})

test('old keys - should never cost the account the key that signs', async (t) => {
  const seed = Buffer.alloc(32, 1)
  const actions = planAuthorisation({ tlsKey: key(2), signerKey: key(3), replaces: [key(1)] })
  const order = { accountId: 'a.near', contractId: 'mpc.near', rpcUrls: ['http://127.0.0.1:1'], seed, actions }
  const error = await t.throwsAsync(perform({ ...order, signal: AbortSignal.timeout(5_000) }))
  t.regex(error?.message ?? '', /refusing to delete ed25519:.*signs this very transaction/)
})

test('old keys - should be deleted by the near-cli-rs command that is printed', (t) => {
  const [action] = planAuthorisation({ tlsKey: key(2), signerKey: key(3), replaces: [key(1), key(4)] })
  const context = { accountId: 'alice.near', contractId: 'mpc.near', network: 'testnet' }
  t.true(
    nearCliText(action as NonNullable<typeof action>, context).endsWith(
      ` && near account delete-keys alice.near public-keys ${key(1)},${key(4)} ` +
        'network-config testnet sign-with-keychain send',
    ),
  )
})
