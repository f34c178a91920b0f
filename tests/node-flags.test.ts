import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'

const ROOT = join(import.meta.dirname, '..')
const SAY_FLAGS = '--import data:text/javascript,console.error(process.execArgv.join())'
const devnet = holdfastCommand('--help')

for (const [title, program, args] of [
  ['the launcher', join(ROOT, 'holdfast'), ['--help']],
  ['the package command', join(ROOT, 'cli', 'holdfast.js'), ['--help']],
  ['npm run holdfast', process.execPath, [join(ROOT, 'scripts', 'bootstrap.mjs'), 'cli/holdfast.js', '--help']],
  ['the demo network', devnet.program, devnet.args],
] as const) {
  test(`program started by ${title} - should give V8 the flag that keeps its memory small`, async (t) => {
    const PATH = `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}`
    const env = { ...process.env, PATH, NODE_OPTIONS: SAY_FLAGS }
    const { stderr } = await promisify(execFile)(program, args, { env })
    t.regex(stderr, /--max-semi-space-size=1/)
  })
}
