import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import type { NetworkStatus } from '@holdfast/cli/network-status/network-status.ts'
import { keyFileOf } from './support/key-file.ts'
import { operatorAt, prepareNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'

const BUILT = join(import.meta.dirname, '..', 'contract', 'build', 'holdfast.wasm')

/**
 * Two operators bring new code to the contract with nothing but the command line. Fails if the commands vote for another
 * hash than the file's, if code without votes is taken, or if the state does not survive.
 */
test('an upgrade - should be voted for and deployed from the command line', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 2, threshold: 2, domains: 0 })
  const [alice, bob] = [operatorAt(devnet, 0), operatorAt(devnet, 1)]
  const wasm = join(devnet.directory, 'new.wasm')
  // the same contract under another hash: with an empty section, which has no meaning
  writeFileSync(wasm, Buffer.concat([readFileSync(BUILT), Uint8Array.of(0, 2, 1, 0x6e)]))
  const hash = createHash('sha256').update(readFileSync(wasm)).digest('hex')
  const where = ['--contract', devnet.contractId, '--rpc', devnet.chain.rpcUrl]
  const by = async (operator: typeof alice) => [
    ...['--account', operator.accountId, '--key-file', (await keyFileOf(devnet, operator)).file],
    ...where,
  ]
  // The status is of final blocks, which come a little after what a command has done.
  const statusWith = (updates: number) =>
    waitUntil(
      `a status with ${updates} updates`,
      async () => {
        const status = JSON.parse((await runHoldfast(['status', ...where, '--json'])).stdout) as NetworkStatus
        return status.updates.flatMap(({ voters }) => voters).length === 2 * updates ? status : undefined
      },
      { deadlineMs: 60_000, signal: devnet.signal },
    )

  const unproposed = await runHoldfast(['vote-update', '--code-hash', hash, ...(await by(bob))])
  t.is(unproposed.code, EXIT_CODES.chain)
  t.regex(unproposed.stderr, /UPDATE_NOT_PROPOSED[^]*\nwhat to do: compare the hash/)
  const proposed = await runHoldfast(['propose-update', '--wasm', wasm, ...(await by(alice))])
  t.is(proposed.code, 0, proposed.stderr)
  const early = await runHoldfast(['deploy-update', '--wasm', wasm, ...(await by(alice))])
  t.is(early.code, EXIT_CODES.chain)
  t.regex(early.stderr, /UPDATE_NOT_VOTED/)
  t.is(
    (await runHoldfast(['vote-update', '--code-hash', hash, '--wasm', wasm, ...(await by(bob))])).code,
    EXIT_CODES.usage,
  )
  const voted = await runHoldfast(['vote-update', '--code-hash', hash, ...(await by(bob))])
  t.is(voted.code, 0, voted.stderr)
  const before = await statusWith(1)
  t.deepEqual(before.updates, [{ code_hash: hash, voters: [alice.accountId, bob.accountId], votes_needed: 2 }])
  const deployed = await runHoldfast(['deploy-update', '--wasm', wasm, ...(await by(bob))])
  t.is(deployed.code, 0, deployed.stderr)
  t.true(deployed.stdout.includes(hash))
  const after = await statusWith(0)
  t.deepEqual(after.updates, [])
  t.deepEqual([after.state, after.operators], [before.state, before.operators])
  t.is((await runHoldfast(['deploy-update', '--wasm', wasm, ...(await by(bob))])).code, EXIT_CODES.chain)
})
