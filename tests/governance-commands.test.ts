import test from 'ava'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { performAs } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { keyFileOf } from './support/key-file.ts'
import { waitForCandidate } from '@holdfast/cli/devnet/resharing.ts'
import { addNewcomer } from './support/newcomer.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns } from './support/signing.ts'

/**
 * Governance, as its operators live through it, with nothing but the command line: they vote a newcomer in whose node then
 * does not run, so that the resharing cannot end, and give it up. Fails if operators who ask for the same in another order
 * do not propose the same, or if the network does not sign on.
 */
test('governance’s commands - should vote a newcomer in, and give up what does not end', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const [alice, bob, carol] = [operatorAt(devnet, 0), operatorAt(devnet, 1), operatorAt(devnet, 2)]
  const dave = await addNewcomer(devnet)
  const vote = commandOf(devnet, 'vote-new-parameters')
  const wish = ['--add', dave.accountId, '--threshold', '3', '--domain-threshold', '0=3']
  const sameWish = ['--domain-threshold', '0=3', '--threshold', '3', '--add', dave.accountId]

  const ofDave = ['--tls-key', presentMachine(dave).tlsKey, '--signer-key', presentMachine(dave).signerKey]
  const allowed = await commandOf(devnet, 'authorise')(dave, ...ofDave)
  t.is(allowed.code, EXIT_CODES.ok, allowed.stderr)
  t.regex(allowed.stdout, /takes no part yet.*vote-new-parameters --add dave/)
  const early = await vote(alice, ...wish)
  t.is(early.code, EXIT_CODES.chain)
  t.regex(early.stderr, /dave\.test\.near is no candidate: its node must run first/)
  await beCandidate(devnet, dave)
  await waitForCandidate(devnet, dave.accountId)

  const dry = await vote(alice, ...wish, '--dry-run')
  t.is(dry.code, EXIT_CODES.ok, dry.stderr)
  t.regex(dry.stdout, /^near contract call-function as-transaction \S+ vote_new_parameters json-args '\{.*\}' /)
  t.regex(dry.stderr, /proposal for epoch 1: 3 of 4 govern\n {2}stay: alice\S+, bob\S+, carol\S+\n {2}join: dave/)
  const tooSoon = await vote(dave, ...wish)
  t.is(tooSoon.code, EXIT_CODES.chain)
  t.regex(tooSoon.stderr, /VOTE_TOO_EARLY/)

  for (const operator of [alice, bob, carol, dave]) {
    const voted = await vote(operator, ...(operator === bob ? sameWish : wish), '--json')
    t.is(voted.code, EXIT_CODES.ok, voted.stderr)
    t.is((JSON.parse(voted.stdout) as { transactions: string[] }).transactions.length, 1)
    t.false(`${voted.stdout}${voted.stderr}`.includes((await keyFileOf(devnet, operator)).secret))
  }
  const { state } = await waitForView(devnet, 'the resharing', (view) => view.state.kind === 'Resharing')
  if (state.kind === 'Resharing') t.deepEqual(state.state.per_domain_thresholds, { 0: 3 })
  const again = await vote(alice, ...wish)
  t.regex(again.stderr, /epoch 1 is being prepared already.*vote-cancel-resharing/)

  const cancel = commandOf(devnet, 'vote-cancel-resharing')
  const stranger = await cancel(dave)
  t.is(stranger.code, EXIT_CODES.chain)
  t.regex(stranger.stderr, /NOT_PARTICIPANT/)
  for (const operator of [carol, bob]) {
    const voted = await cancel(operator)
    t.is(voted.code, EXIT_CODES.ok, voted.stderr)
  }
  const view = await waitForView(devnet, 'the end of it', (found) => found.state.kind === 'Running')
  t.deepEqual(groupKeys(view), keys)
  if (view.state.kind === 'Running') t.is(view.state.state.previously_cancelled_resharing_epoch_id, 1n)
  await assertSigns(t, devnet, alice, keys)
  const next = await vote(alice, '--remove', carol.accountId, '--dry-run', '--json')
  t.is(next.code, EXIT_CODES.ok, next.stderr)
  t.regex(next.stderr, /proposal for epoch 2: 2 of 2 govern/)
})

/** Runs one of governance's commands for an operator, by account and not by home. */
function commandOf(devnet: Devnet, name: string) {
  return async (operator: Operator, ...args: string[]) => {
    const { file } = await keyFileOf(devnet, operator)
    const target = ['--account', operator.accountId, '--contract', devnet.contractId, '--rpc', devnet.chain.rpcUrl]
    return runHoldfast([name, ...args, ...target, '--key-file', file])
  }
}

/** What the newcomer's node says of itself when it first runs; here it never runs again. */
async function beCandidate(devnet: Devnet, newcomer: Operator): Promise<void> {
  const { address, tlsKey, signerKey } = presentMachine(newcomer)
  const participant_info = { url: `http://${address}:${devnet.ports.mesh}`, tls_public_key: tlsKey }
  const args = { participant_info, signer_account_pk: signerKey }
  await performAs(devnet, newcomer, [{ kind: 'call', method: 'submit_participant_info', args, depositYocto: 0n }])
}
