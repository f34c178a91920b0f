import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { findOldNodeKeys } from '@holdfast/cli/operator/old-keys.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import type { NetworkStatus } from '@holdfast/cli/network-status/network-status.ts'
import { keyFileOf } from './support/key-file.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { verifies } from './support/signing.ts'

/**
 * A lost machine, as its operator lives through it: nothing but the command line. Fails if a command does not do what
 * it says, or prints a secret.
 */
test('an operator’s commands - should bring a lost node back', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const bob = operatorAt(devnet, 1)
  const lost = presentMachine(bob)
  await destroyMachine(bob)
  const machine = await addMachine(devnet, bob)
  const { file, secret } = await keyFileOf(devnet, bob)

  const authorise = ['authorise', '--home', machine.home, '--key-file', file]
  const dry = await runHoldfast([...authorise, '--dry-run'])
  t.is(dry.code, 0, dry.stderr)
  t.is(dry.stdout.trim().split('\n').length, 2)
  t.true(dry.stdout.includes(machine.tlsKey) && dry.stdout.includes(machine.signerKey))

  const withoutKey = await runHoldfast(['authorise', '--home', machine.home])
  t.is(withoutKey.code, EXIT_CODES.usage)
  t.regex(withoutKey.stderr, /--key-file/)

  const otherKey = (await keyFileOf(devnet, operatorAt(devnet, 0))).file
  const ofOther = await runHoldfast(['authorise', '--home', machine.home, '--key-file', otherKey])
  t.is(ofOther.code, EXIT_CODES.storage)
  t.regex(ofOther.stderr, /alice\.test\.near.*bob\.test\.near/)

  const done = await runHoldfast(authorise)
  t.is(done.code, 0, done.stderr)
  const again = await runHoldfast(authorise)
  t.is(again.code, 0, 'repeating it is no mistake')
  t.regex(again.stdout, /was there already/)
  for (const { stderr } of [dry, done]) t.true(stderr.includes(`public-keys ${lost.signerKey} `), 'what to delete')
  t.true((await nodeKeys(devnet, bob)).includes(lost.signerKey))
  const cleaned = await runHoldfast([...authorise, '--delete-old-keys'])
  t.is(cleaned.code, 0, cleaned.stderr)
  t.deepEqual(await nodeKeys(devnet, bob), [machine.signerKey])
  for (const { stdout, stderr } of [dry, done, again, cleaned]) t.false(`${stdout}${stderr}`.includes(secret))

  startMachine(devnet, machine)
  await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, bob))

  const status = await runHoldfast(['status', '--home', machine.home, '--json'])
  t.is(status.code, 0, status.stderr)
  const network = JSON.parse(status.stdout) as NetworkStatus
  t.is(network.state, 'Running')
  t.like(network.operators[1], { account_id: bob.accountId, tls_public_key: machine.tlsKey, condition: 'taking part' })
  t.is(network.keys[0]?.public_key, keys['0'])
  t.is(network.contract_full_access_keys?.length, 1, 'the contract’s account has the key that deployed it')
  t.like(network.keys[0], { live: 3, can_sign: true, enough_backup_services: true })

  const signed = await runHoldfast(['sign', '--home', machine.home, '--domain', '0', '--message', 'hello', '--json'])
  t.is(signed.code, 0, signed.stderr)
  const { signature, public_key } = JSON.parse(signed.stdout) as { signature: string; public_key: string }
  t.true(verifies(public_key, Buffer.from('hello'), Buffer.from(signature, 'hex')))
  t.is(keys['0'], public_key)

  const unknown = await runHoldfast(['sign', '--home', machine.home, '--domain', '9', '--message', 'hello'])
  t.not(unknown.code, 0)
  t.regex(unknown.stderr, /9/)
  t.notRegex(unknown.stderr, /\n\s+at /, 'no stack')

  const next = ['--tls-key', operatorAt(devnet, 0).publicKey, '--signer-key', operatorAt(devnet, 0).publicKey]
  const where = ['--account', bob.accountId, '--contract', devnet.contractId, '--rpc', devnet.chain.rpcUrl]
  const swapped = await runHoldfast(['authorise', ...next, ...where, '--key-file', file, '--delete-old-keys', '--json'])
  t.is(swapped.code, 0, swapped.stderr)
  t.is((JSON.parse(swapped.stdout) as { transactions: string[] }).transactions.length, 2, 'in the same transaction')
  t.deepEqual(await nodeKeys(devnet, bob), [operatorAt(devnet, 0).publicKey])

  const refused = await runHoldfast(['status', '--contract', 'nobody.test.near', '--rpc', devnet.chain.rpcUrl])
  t.is(refused.code, EXIT_CODES.chain)
  t.regex(refused.stderr, /nobody\.test\.near/)
})

/** The operator's access keys with a node's rights. */
async function nodeKeys({ chain, contractId, signal }: Devnet, { accountId }: Operator): Promise<string[]> {
  // What the command did is executed, but final only a few blocks later.
  await setTimeout(1_000)
  return findOldNodeKeys({ accountId, contractId, rpcUrls: [chain.rpcUrl], newKey: 'ed25519:none', signal })
}
