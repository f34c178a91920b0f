import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { planUpdateVote } from '../src/operator/plan.ts'
import { readWasm } from '../src/operator/read-wasm.ts'
import { nearCliText } from '../src/operator/render-action.ts'
import { sha256 } from '../src/options.ts'

const HASH = 'ab'.repeat(32)
const CONTEXT = { accountId: 'alice.near', contractId: 'mpc.near', network: 'mainnet' }

test('updates - should vote without a deposit, as near-cli-rs does too', (t) => {
  const [vote] = planUpdateVote('vote_update', HASH)
  t.deepEqual(vote, { kind: 'call', method: 'vote_update', args: { code_hash: HASH }, depositYocto: 0n })
  t.regex(nearCliText(vote!, CONTEXT), new RegExp(`mpc.near vote_update json-args '{"code_hash":"${HASH}"}'`))
})

test('updates - should send the file itself as near-cli-rs does too', (t) => {
  const text = nearCliText({ kind: 'deploy-update', wasm: new Uint8Array(), file: "it's.wasm" }, CONTEXT)
  t.is(
    text,
    "near contract call-function as-transaction mpc.near deploy_update file-args 'it'\\''s.wasm' prepaid-gas '300 Tgas' " +
      "attached-deposit '0 NEAR' sign-as alice.near network-config mainnet sign-with-keychain send",
  )
})

test('updates - should take hashes as sha256sum prints them, and wasm files', async (t) => {
  t.is(sha256(HASH), HASH)
  for (const text of [HASH.toUpperCase(), HASH.slice(2), `0x${HASH}`, '']) t.throws(() => sha256(text), undefined, text)
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const file = join(directory, 'code.wasm')
  await writeFile(file, '\0asm…')
  t.is((await readWasm(file)).sha256, createHash('sha256').update('\0asm…').digest('hex'))
  await writeFile(file, 'text')
  await t.throwsAsync(readWasm(file), { code: 'USAGE', message: /no WebAssembly/ })
  await t.throwsAsync(readWasm(join(directory, 'missing')), { code: 'USAGE', message: /ENOENT/ })
})
