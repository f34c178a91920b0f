import test from 'ava'
import { createLazyContract } from '../src/wiring/lazy-contract.ts'

test('contract client - should be made again after a failure, and else only once', async (t) => {
  let made = 0
  let closed = 0
  const contract = createLazyContract(async () => {
    made += 1
    if (made === 1) throw new Error('EMFILE')
    return {
      call: async () => ({ transactionHash: 'hash', returned: null, logs: [], gasBurntTgas: 1 }),
      close: () => void (closed += 1),
    }
  })
  await t.throwsAsync(contract.call('vote_pk', {}), { message: 'EMFILE' })
  for (let calls = 0; calls < 2; calls++) t.is((await contract.call('vote_pk', {})).transactionHash, 'hash')
  t.is(made, 2)
  contract.close()
  await new Promise((resolve) => setImmediate(resolve))
  t.is(closed, 1)
})
