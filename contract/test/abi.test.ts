import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { base58 } from '@scure/base'
import test from 'ava'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'
import { METHODS } from '../abi/methods.ts'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../src/access-key-methods.ts'
import { CONTRACT } from './hostile/cast.ts'
import { closeChain, view } from './hostile/chain.ts'
import { PERMISSIONS } from './hostile/permissions.ts'
import { everyState, STATES } from './hostile/states.ts'
import { VALID_ARGUMENTS } from './hostile/valid-arguments.ts'
import { againstArguments, againstResult } from './support/abi.ts'

/**
 * The ABI is held to the compiled contract: methods, kinds and deposits here, answers in every state here, what arguments it
 * takes in hostile/arguments.test.ts, malformation by malformation.
 */
const moments = await everyState()
const wasm = readFileSync(join(DEFAULT_OUT, 'holdfast.wasm'))
const file = JSON.parse(readFileSync(join(DEFAULT_OUT, 'holdfast-abi.json'), 'utf8'))

test.after.always(closeChain)

test('abi - should list every exported method, as what it is', (t) => {
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(wasm)))
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
  t.deepEqual([...Object.keys(METHODS), '__contract_abi'].sort(), exported.sort())
  for (const [method, { kind, modifiers = [] }] of Object.entries(METHODS)) {
    const rules = PERMISSIONS[method]!
    t.is(kind === 'call', rules.kind === 'change', method)
    t.is(modifiers.includes('payable'), ['proves', 'may prove'].includes(rules.deposit), method)
    t.is(modifiers.includes('private'), rules.says.operator === 'NOT_CONTRACT_ACCOUNT', method)
  }
  for (const method of [...NODE_METHODS, ...BACKUP_SERVICE_METHODS]) t.true(method in METHODS, method)
})

test('abi - should be near-abi 0.4, name the wasm, and be what the wasm serves', (t) => {
  t.is(file.schema_version, '0.4.0')
  t.deepEqual(
    file.body.functions.map(({ name }: { name: string }) => name),
    Object.keys(METHODS),
  )
  const { wasm_hash, ...metadata } = file.metadata
  t.is(wasm_hash, base58.encode(createHash('sha256').update(wasm).digest()))
  const { bytes, ...ending } = view(moments.NotInitialized, CONTRACT, '__contract_abi', new Uint8Array())
  t.is(ending.kind, 'done')
  t.deepEqual(JSON.parse(zstdDecompressSync(bytes!).toString('utf8')), { ...file, metadata })
})

test('abi - should describe what every view answers in every state', (t) => {
  for (const state of STATES) {
    for (const [method, { kind }] of Object.entries(METHODS)) {
      if (kind !== 'view') continue
      const args = VALID_ARGUMENTS[method]!({ account: CONTRACT, paying: false, moment: moments[state] })
      t.is(againstArguments(method, args), null, method)
      const { text, ...ending } = view(moments[state], CONTRACT, method, Buffer.from(JSON.stringify(args)))
      if (ending.kind === 'done') t.is(againstResult(method, JSON.parse(text!)), null, `${method} in ${state}: ${text}`)
    }
  }
})

test('abi - should tell an answer from another', (t) => {
  t.not(againstResult('state', { Running: {} }), null)
  t.not(againstResult('recoverability', { level: 'fine', epoch_id: 0, domains: [], operators: {} }), null)
  t.not(againstResult('update_votes', { 'a.near': 'AB' }), null)
})
