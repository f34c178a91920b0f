import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { countTests } from '../scripts/count-tests.ts'

const ROOT = join(import.meta.dirname, '..')

/** Fails if the last line of `npm test` would count other than ava did, whose very output is read. */
for (const [title, statements, expected] of [
  ['all pass', "test('a', (t) => t.pass())\ntest('b', (t) => t.pass())", { passed: 2, failed: 0 }],
  [
    'some fail',
    "test('a', (t) => t.pass())\ntest('b', (t) => t.fail())\ntest('c', (t) => t.pass())\ntest('d', (t) => t.fail())",
    { passed: 2, failed: 2 },
  ],
  ['all fail', "test('a', (t) => t.fail())", { passed: 0, failed: 1 }],
] as const) {
  test(`count of tests of which ${title} - should be as ava has it`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-count-'))
    t.teardown(() => rm(directory, { recursive: true, force: true }))
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    await writeFile(join(directory, 'some.test.js'), `import test from 'ava'\n${statements}\n`)
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    const ava = join(ROOT, 'node_modules', 'ava', 'entrypoints', 'cli.mjs')
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, AVA_PATH: undefined, FORCE_COLOR: '0' }
    const run = promisify(execFile)(process.execPath, [ava, 'some.test.js'], { cwd: directory, env })
    const { stdout } = await run.catch((error: { stdout: string }) => error)
    t.deepEqual(countTests(stripVTControlCharacters(stdout)), expected, stdout)
  })
}
