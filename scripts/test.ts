import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'
import { buildNearVm } from '../localnet/near-vm/build.ts'
import { countTests } from './count-tests.ts'

/**
 * `npm test`: the contract build and NEAR's own VM, then every check and every test. `npm test -- FILE…` runs those test files only.
 * Each step stops the run at its first failure; the last line counts the tests.
 */
const ROOT = join(import.meta.dirname, '..')
const files = process.argv.slice(2)

step('contract build', ['node', 'scripts/build-contract.ts'])
// Before the tests: ava takes a test that compiles for minutes for one that hangs.
step('tools of others', ['node', 'scripts/go-tools.ts'])
await nearVm()
if (files.length === 0) {
  step('types', ['tsc', '-p', 'tsconfig.json'])
  step("the contract's types", ['tsc', '-p', 'contract/tsconfig.json'])
  step('lint', ['eslint', '.'])
  step('format', ['prettier', '--check', '--log-level', 'warn', '.'])
}
await runTests()

function step(name: string, [program, ...args]: [string, ...string[]]): void {
  const started = performance.now()
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
  if (result.status !== 0) {
    console.error(styleText('red', `✘ ${name}: \`${[program, ...args].join(' ')}\` failed`))
    process.exit(1)
  }
  console.log(`${styleText('green', '✔')} ${name} (${seconds(started)})`)
}

/** The localnet's second engine: minutes to build the first time. Without cargo the tests that need it are skipped by name. */
async function nearVm(): Promise<void> {
  const started = performance.now()
  try {
    const { kind } = await buildNearVm()
    if (kind === 'built') console.log(`${styleText('green', '✔')} NEAR's VM (${seconds(started)})`)
    else console.log(`${styleText('yellow', '-')} NEAR's VM: skipped, there is no cargo (Rust) on this machine's PATH`)
  } catch (error) {
    console.error(styleText('red', `✘ NEAR's VM: ${(error as Error).message}`))
    process.exit(1)
  }
}

async function runTests(): Promise<void> {
  const color = process.stdout.isTTY ? ['--color'] : []
  const ava = spawn('ava', [...color, ...files], { cwd: ROOT, stdio: ['inherit', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of ava.stdout.setEncoding('utf8')) {
    process.stdout.write(chunk as string)
    output += chunk as string
  }
  const code = ava.exitCode ?? (await once(ava, 'exit'))[0]
  const { passed, failed } = countTests(stripVTControlCharacters(output))
  console.log(`${passed} passed, ${code === 0 ? 0 : Math.max(failed, 1)} failed`)
  process.exitCode = code === 0 && passed > 0 ? 0 : 1
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}
