/**
 * `holdfast backup verify`, `drill`, `restore`, `import-near-mpc` and `status` as processes beside a running service on a real
 * network. Fails if a command cannot run beside the service, prints JSON that its published schema does not allow, or ends with
 * another exit code than the table has.
 */
import { readFileSync } from 'node:fs'
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import test, { type ExecutionContext } from 'ava'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'

const SCHEMAS = join(import.meta.dirname, '..', 'backup-service', 'schema')

type Output = Record<string, unknown>

/** What a command printed, which must be what its schema says. */
function printed(t: ExecutionContext, command: string, { stdout, stderr }: { stdout: string; stderr: string }): Output {
  const schema = JSON.parse(readFileSync(join(SCHEMAS, `${command}.json`), 'utf8')) as object
  const validate = new Ajv({ strict: false }).compile(schema)
  const output = JSON.parse(stdout === '' ? `"nothing: ${stderr}"` : stdout) as Output
  t.true(validate(output), `${command}: ${JSON.stringify(validate.errors)} in ${stdout}`)
  return output
}

test('the checks of a backup - should run beside the service, be told to the contract, and name what cannot be used', async (t) => {
  t.timeout(240_000)
  const devnet = await startNetwork(t, { nodes: 2, threshold: 2, domains: 1 })
  const home = operatorAt(devnet, 0).backup?.home ?? ''
  const run = (command: string, ...args: string[]) => runHoldfast(['backup', command, '--home', home, ...args])

  const verified = await run('verify', '--all', '--json')
  t.is(verified.code, EXIT_CODES.ok, verified.stderr)
  t.like(printed(t, 'verify', verified), { live: 'genuine', scope: 'all', failures: [] })

  const drilled = await run('drill', '--json')
  t.is(drilled.code, EXIT_CODES.ok, drilled.stderr)
  const drill = printed(t, 'drill', drilled)
  t.is(drill['failure'], null)
  t.like(drill['receipt'], { outcome: 'recorded' })

  const status = await run('status', '--json')
  t.is(status.code, EXIT_CODES.ok, status.stderr)
  t.like(printed(t, 'status', status), { covered: true, running: true })
  const shown = await run('status')
  t.regex(shown.stdout, /^(HEALTHY|DEGRADED) .*\n.*backed up and verified.*restored in a drill/)
  t.regex(shown.stdout, /\n {2}drill +restored in \d+\.\d s/)
  for (const line of shown.stdout.split('\n')) t.true(line.length <= 80 || !line.includes(' '), line)

  const key = presentMachine(operatorAt(devnet, 1)).tlsKey
  const restored = await run('restore', '--to', '127.0.0.1:8079', '--key', key)
  t.is(restored.code, EXIT_CODES.chain, restored.stderr)
  t.regex(restored.stderr, /RESTORE_NOT_ASKED/)
  const imported = await run('import-near-mpc', '--from', home)
  t.is(imported.code, EXIT_CODES.config, imported.stderr)
  t.regex(imported.stderr, /NEAR_MPC_HOME_INVALID/)

  // The disk loses the shares; the service mends it from the node, so what is checked is a copy that nobody mends.
  await operatorAt(devnet, 0).backup?.process?.end('SIGTERM')
  const repository = join(home, 'repository')
  for (const name of await readdir(repository)) if (name.endsWith('.age')) await truncate(join(repository, name), 40)
  const broken = await run('verify', '--json')
  t.is(broken.code, EXIT_CODES.checkFailed, broken.stderr)
  t.like(printed(t, 'verify', broken), { live: 'missing' })
  const after = await run('status')
  t.is(after.code, EXIT_CODES.checkFailed)
  t.regex(after.stdout, /^CRITICAL .*\n.*but the verification of/)
  t.regex(after.stdout, /\n {2}service +does not run/)
})
