import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { buildContract } from '../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'

test.before(async () => {
  await buildContract(DEFAULT_OUT)
})

test('build - should make the same bytes elsewhere and from nothing, and do nothing the second time', async (t) => {
  t.timeout(600_000)
  const elsewhere = await mkdtemp(join(tmpdir(), 'holdfast-build-'))
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }))
  const first = await buildContract(elsewhere)
  t.true(first.built)
  const wasm = await readFile(join(elsewhere, 'holdfast.wasm'))
  t.deepEqual(wasm, await readFile(join(DEFAULT_OUT, 'holdfast.wasm')))
  t.deepEqual(await buildContract(elsewhere), { ...first, built: false })
  // a wasm that is not the one of the stamp is built again, from kept QuickJS objects, to the same bytes
  await writeFile(join(elsewhere, 'holdfast.wasm'), 'damaged')
  t.deepEqual(await buildContract(elsewhere), first)
})

test('build - should put nothing of this machine into the wasm', async (t) => {
  const wasm = await readFile(join(DEFAULT_OUT, 'holdfast.wasm'), 'latin1')
  for (const trace of [process.cwd(), tmpdir() + '/', 'node_modules', '.c:']) t.false(wasm.includes(trace), trace)
})

test('build - should stay within 600 KB', async (t) => {
  const { length } = await readFile(join(DEFAULT_OUT, 'holdfast.wasm'))
  t.true(length <= 600_000, `${length} bytes`)
})
