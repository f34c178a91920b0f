import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { decideDeployment } from '../src/operator/account-content.ts'
import { participantOption, readParticipants } from '../src/operator/first-participants.ts'
import { initArguments } from '../src/operator/init-parameters.ts'
import { planDeployment } from '../src/operator/plan.ts'
import { nearCliText } from '../src/operator/render-action.ts'

const ALICE_KEY = publicKeyOfSeed(Buffer.alloc(32, 1))
const BOB_KEY = publicKeyOfSeed(Buffer.alloc(32, 2))
const ALICE = `account=alice.near,url=http://a.example:3000,tls-key=${ALICE_KEY}`
const BOB = `url=http://b.example:3000,account=bob.near,tls-key=${BOB_KEY}`
const INIT = {
  parameters: {
    participants: {
      next_id: 2,
      participants: [
        ['alice.near', 0, { url: 'http://a.example:3000', tls_public_key: ALICE_KEY }],
        ['bob.near', 1, { url: 'http://b.example:3000', tls_public_key: BOB_KEY }],
      ],
    },
    threshold: 2,
  },
}
const CODE = 'ab'.repeat(32)

test('deploy - should make init’s arguments of its options', (t) => {
  t.deepEqual(initArguments(participantOption(BOB, participantOption(ALICE, undefined)), 2), INIT)
})

for (const [what, text] of [
  ['a part that is missing', 'account=alice.near,url=http://a.example:3000'],
  ['a part that is unknown', `${ALICE},id=3`],
  ['a url without a port', ALICE.replace(':3000', '')],
  ['a participant given twice', BOB],
] as const) {
  test(`deploy - should refuse ${what}`, (t) => {
    t.throws(() => participantOption(text, participantOption(BOB, undefined)), { code: 'commander.invalidArgument' })
  })
}

test('deploy - should read participants from a file, and name the row that is wrong', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const file = join(directory, 'participants.json')
  const row = { account_id: 'alice.near', url: 'http://a.example:3000', tls_public_key: ALICE_KEY }
  await writeFile(file, JSON.stringify([row, { ...row, account_id: 'bob.near', tls_public_key: BOB_KEY }]))
  t.deepEqual(
    await readParticipants(file),
    participantOption(ALICE, undefined).concat([
      { accountId: 'bob.near', url: 'http://a.example:3000', tlsKey: BOB_KEY },
    ]),
  )
  await writeFile(file, JSON.stringify([row, { ...row, name: 'bob' }]))
  await t.throwsAsync(readParticipants(file), { code: 'CONFIG_INVALID', message: /row 1/ })
})

test('deploy - should deploy on an empty account only, or complete what lacks its init', (t) => {
  t.is(decideDeployment('mpc.near', { codeSha256: undefined, hasState: false }, CODE), 'deploy')
  t.is(decideDeployment('mpc.near', { codeSha256: CODE, hasState: false }, CODE), 'init only')
  for (const found of [
    { codeSha256: CODE, hasState: true },
    { codeSha256: 'cd'.repeat(32), hasState: false },
    { codeSha256: undefined, hasState: true },
  ]) {
    t.throws(() => decideDeployment('mpc.near', found, CODE), { code: 'CONTRACT_EXISTS' })
  }
})

test('deploy - should print the near-cli-rs command that does the same', (t) => {
  const context = { accountId: 'mpc.near', contractId: 'mpc.near', network: 'mainnet' }
  const plan = planDeployment({ code: { wasm: new Uint8Array(), file: 'holdfast.wasm' }, initArgs: INIT })
  t.deepEqual(
    plan.map((action) => nearCliText(action, context)),
    [
      "near contract deploy mpc.near use-file 'holdfast.wasm' with-init-call init " +
        `json-args '${JSON.stringify(INIT)}' prepaid-gas '100 Tgas' attached-deposit '0 NEAR' ` +
        'network-config mainnet sign-with-keychain send',
    ],
  )
  const [call] = planDeployment({ code: 'there already', initArgs: INIT })
  t.like(call, { kind: 'call', method: 'init', depositYocto: 0n })
})
