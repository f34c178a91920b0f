import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type TestFn } from 'ava'
import type { Account } from 'near-api-js'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'
import { compileWasm } from './support/compile-wasm.ts'
import { Deployed } from './support/deployed.ts'
import { ed25519Key } from './support/keys.ts'

/**
 * Upgrade by vote of the compiled contract on a chain: what was voted for is in place with its migration, or nothing has
 * changed. One story in order.
 */
const test = anyTest as TestFn<{ deployed: Deployed; operators: [Account, Account, Account]; outsider: Account }>

const STATE_1 = join(import.meta.dirname, 'fixtures', 'state-1')

test.before(async (t) => {
  const deployed = await Deployed.start()
  const operators: Account[] = []
  for (const name of ['op0', 'op1', 'op2']) operators.push(await deployed.account(name))
  const participants = operators.map(({ accountId }, i) => [
    accountId,
    i,
    { url: `http://node${i}.example:80`, tls_public_key: ed25519Key(i) },
  ])
  const parameters = { participants: { next_id: 3, participants }, threshold: 2 }
  t.is((await deployed.call(deployed.contract, 'init', { parameters })).panic, null)
  t.context = {
    deployed,
    operators: operators as [Account, Account, Account],
    outsider: await deployed.account('outsider'),
  }
})

test.after.always(async (t) => {
  await t.context.deployed?.chain.stop()
})

/** The same contract under another hash: with an empty section of this name, which has no meaning. */
function variant(name: string): Uint8Array {
  const section = [name.length, ...Buffer.from(name)]
  return Buffer.concat([readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')), Uint8Array.of(0, section.length, ...section)])
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function codeHash({ contract }: Deployed): Promise<string> {
  return (await contract.getState()).codeHash
}

async function voteFor({ deployed, operators }: { deployed: Deployed; operators: Account[] }, wasm: Uint8Array) {
  const code_hash = sha256(wasm)
  for (const operator of operators.slice(0, 2)) await deployed.call(operator, 'propose_update', { code_hash })
}

test.serial('update on chain - should put voted code in place, whoever brings it, and end the votes', async (t) => {
  const { deployed, operators, outsider } = t.context
  const wasm = variant('second')
  const code_hash = sha256(wasm)
  const before = await codeHash(deployed)
  t.deepEqual((await deployed.call(operators[0], 'propose_update', { code_hash })).events, ['update_voted'])
  t.is((await deployed.call(outsider, 'deploy_update', wasm)).code, 'UPDATE_NOT_VOTED')
  t.deepEqual((await deployed.call(operators[2], 'vote_update', { code_hash })).events, ['update_voted'])
  t.is((await deployed.call(outsider, 'deploy_update', variant('third'))).code, 'UPDATE_NOT_VOTED')
  t.is((await deployed.call(outsider, 'deploy_update')).code, 'UPDATE_NOT_VOTED', 'no code at all')
  t.regex((await deployed.call(outsider, 'deploy_update', wasm, 1n)).panic!, /^Function is not payable/)
  t.is(await codeHash(deployed), before)
  const state = await deployed.view('state')

  const { panic, events, tgas } = await deployed.call(outsider, 'deploy_update', wasm)
  t.is(panic, null)
  t.deepEqual(events, ['migrated'])
  t.true(tgas < 100, `${tgas} Tgas`)
  t.log(`deploy_update: ${tgas} Tgas`)
  t.not(await codeHash(deployed), before)
  t.deepEqual(await deployed.view('state'), state)
  t.deepEqual(await deployed.view('update_votes'), {})
  t.is((await deployed.call(outsider, 'deploy_update', wasm)).code, 'UPDATE_NOT_VOTED', 'a second time')
})

for (const [what, wasm, panic] of [
  ['whose migration fails', () => compileWasm('broken-update.c'), /^MIGRATION_FAILED/],
  ['without a migration', () => compileWasm('relay.c'), /MethodNotFound|MethodResolveError/],
  ['that is no wasm', () => Buffer.from('no wasm at all'), /CompilationError|PrepareError|Deserialization/],
] as const) {
  test.serial(`update on chain - should leave code, state and votes as they were for code ${what}`, async (t) => {
    const { deployed, outsider } = t.context
    const code = wasm()
    await voteFor(t.context, code)
    const before = [await codeHash(deployed), await deployed.storage()]
    t.regex((await deployed.call(outsider, 'deploy_update', code)).panic ?? 'done', panic)
    t.deepEqual([await codeHash(deployed), await deployed.storage()], before)
    t.is(Object.keys(await deployed.view('update_votes')).length, 2)
  })
}

test.serial('update on chain - should migrate for nobody but the contract’s own account', async (t) => {
  const { deployed, operators, outsider } = t.context
  for (const by of [operators[0], outsider]) {
    t.is((await deployed.call(by, 'migrate', {})).code, 'NOT_CONTRACT_ACCOUNT')
  }
  t.regex((await deployed.call(deployed.contract, 'migrate', {}, 1n)).panic!, /^Function is not payable/)
  t.deepEqual((await deployed.call(deployed.contract, 'migrate', {})).events, ['migrated'])
  t.deepEqual(await deployed.view('update_votes'), {})
})

/** What the account has stored, put there as no call could: by the chain itself. */
async function restore(deployed: Deployed, storage: Record<string, string>): Promise<void> {
  const records = Object.entries(storage).map(([key, value]) => ({
    Data: {
      account_id: deployed.contract.accountId,
      data_key: Buffer.from(key).toString('base64'),
      value: Buffer.from(value).toString('base64'),
    },
  }))
  // A real node answers before it has done it, and may forget it when a block falls in between.
  for (let i = 0; i < 300 && !('STATE' in (await deployed.storage())); i++) {
    if (i % 30 === 0) await deployed.provider.sendJsonRpc('sandbox_patch_state' as never, { records } as never)
    await sleep(deployed.chain.blockMs)
  }
}

test.serial('update on chain - should migrate every earlier state, and refuse to touch it before', async (t) => {
  for (const file of readdirSync(STATE_1)) {
    const { storage, views } = JSON.parse(readFileSync(join(STATE_1, file), 'utf8'))
    const deployed = await t.context.deployed.another(file.replace('.json', ''))
    await restore(deployed, storage)
    const refusal = /STATE_VERSION_MISMATCH: the state is of version 1, this code reads version \d+/
    await t.throwsAsync(deployed.view('state'), { message: refusal }, file)
    for (const [method, args] of [
      ['expire_recoveries', {}],
      ['deploy_update', 'x'],
    ] as const) {
      t.is((await deployed.call(t.context.outsider, method, args)).code, 'STATE_VERSION_MISMATCH', file)
    }
    const { panic, events } = await deployed.call(deployed.contract, 'migrate', {})
    t.is(panic, null, file)
    t.deepEqual(events, ['migrated'], file)
    for (const view of ['state', 'migration_info', 'participant_candidates', 'config']) {
      t.deepEqual(await deployed.view(view), views[view], `${view} of ${file}`)
    }
  }
})
