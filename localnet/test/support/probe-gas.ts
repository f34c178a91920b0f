import { NEAR, type Outcome, type TestWorld } from './actor.ts'

/** What each receipt of a call burnt, without the trie nodes it passed: those depend on all of a node's state. */
export type CallGas = { call: string; receipts: { executor: string; gas: number }[] }

const TRIE_COSTS = new Set(['TOUCHING_TRIE_NODE', 'READ_CACHED_TRIE_NODE'])

function withoutTrie({ outcome }: Outcome): number {
  const trie = (outcome.metadata.gas_profile ?? [])
    .filter(({ cost }) => TRIE_COSTS.has(cost))
    .reduce((gas, row) => gas + Number(row.gas_used), 0)
  return outcome.gas_burnt - trie
}

type Call = { method: string; input?: string; deposit?: bigint; gas?: bigint }

/** In this order: each stands on the state the ones before left. `far` stands for the other contract's account. */
const CALLS: readonly Call[] = [
  { method: 'bump', input: '{"by":1}' },
  { method: 'bump', input: '{"by":98}' },
  { method: 'bump', input: '{"by":1' },
  { method: 'fail' },
  { method: 'count' },
  { method: 'pay', deposit: NEAR },
  { method: 'trap' },
  { method: 'log_input', input: 'ä log of some length' },
  { method: 'log_often' },
  { method: 'spin', gas: 3n * 10n ** 12n },
  { method: 'store', input: '100' },
  { method: 'store', input: '5000' },
  { method: 'has' },
  { method: 'remove' },
  { method: 'remove' },
  { method: 'has' },
  { method: 'hash', input: 'x'.repeat(300) },
  { method: 'predecessor' },
  { method: 'signer_key' },
  { method: 'balance' },
  { method: 'grow' },
  { method: 'forward', input: 'far', deposit: NEAR },
  { method: 'ask', input: 'far' },
  { method: 'ask_both', input: 'far' },
  { method: 'ask_weighted', input: 'far' },
  { method: 'ask_then_fail', input: 'far' },
]

/** Makes the calls on a fresh chain and says what they burnt. */
export async function measureProbe(world: TestWorld): Promise<CallGas[]> {
  const near = await world.deploy('gas-near')
  const far = await world.deploy('gas-far')
  const user = await world.create('gas-user')
  const measured: CallGas[] = []
  for (const { method, input = '', deposit = 0n, gas = 100n * 10n ** 12n } of CALLS) {
    const sent = input === 'far' ? far.id : input
    const result = await user.call(near.id, method, sent, { deposit, gas, waitUntil: 'FINAL' })
    const receipts = [result.transaction_outcome, ...result.receipts_outcome]
      .map((outcome) => ({ executor: outcome.outcome.executor_id, gas: withoutTrie(outcome) }))
      // The order of receipts of one block is the node's own affair.
      .sort((a, b) => a.executor.localeCompare(b.executor) || a.gas - b.gas)
    measured.push({ call: `${method}(${input.slice(0, 20)})`, receipts })
  }
  return measured
}
