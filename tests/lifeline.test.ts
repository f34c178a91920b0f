import { createHash } from 'node:crypto'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { SIGNATURE_TIMES, type DemoEvent, type DemoResult } from '@holdfast/cli/demo/events.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { verifies } from './support/signing.ts'

/**
 * The whole line, by the demo's own account of it, verified as a stranger would: from the JSON alone, with another
 * library. Fails if a recovered share is not genuine, a key changes, or the demo claims what did not happen.
 */
test('the demo - should lose every machine and sign again under the same keys', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(parent, { recursive: true, force: true }))
  const home = join(parent, 'demo')

  const run = await runHoldfast(['demo', '--json', '--block-ms', '150', '--home', home], { limitMs: 170_000 })
  t.is(run.code, 0, run.stderr + run.stdout.slice(-2_000))
  const lines = run.stdout.trimEnd().split('\n')
  const result = JSON.parse(lines.at(-1) ?? '') as DemoResult
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as DemoEvent)

  t.true(result.ok)
  t.deepEqual(Object.keys(result.public_keys), ['0', '1'])
  t.true(result.checks.length > 10 && result.checks.every(({ ok }) => ok))
  for (const when of SIGNATURE_TIMES) {
    for (const domain of [0, 1]) {
      t.true(
        result.signatures.some((made) => made.when === when && made.domain === domain),
        `${when}, key ${domain}`,
      )
    }
  }
  for (const { domain, message, signature } of result.signatures) {
    const key = result.public_keys[domain] ?? ''
    t.true(verifies(key, Buffer.from(message, 'hex'), Buffer.from(signature, 'hex')), message)
  }
  t.is(
    new Set(result.signatures.map(({ message }) => message)).size,
    result.signatures.length,
    'every message is fresh',
  )
  const { one, all, floor } = result.seconds
  t.true(one !== null && all !== null && floor !== null && one > 0 && all > 0 && floor > 0)
  t.deepEqual(
    events.flatMap((event) => (event.event === 'phase' ? [event.phase] : [])),
    ['set up', 'keys', 'one', 'all', 'verify'],
  )

  const wasm = await readFile(join(import.meta.dirname, '..', 'contract', 'build', 'holdfast.wasm'))
  t.is(result.wasm_sha256, createHash('sha256').update(wasm).digest('hex'))
  await t.throwsAsync(access(home), { code: 'ENOENT' }, 'the demo deletes its files')
})
