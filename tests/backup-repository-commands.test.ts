import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import test, { type ExecutionContext } from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { readAgeIdentity } from '@holdfast/backup-service/age-identity.ts'
import { readConfig } from '@holdfast/backup-service/config.ts'
import { homePaths } from '@holdfast/backup-service/home-paths.ts'
import { readIdentity } from '@holdfast/backup-service/identity.ts'
import { openRepository, repositorySettings } from '@holdfast/backup-service/repository-settings.ts'
import { dealKeyset } from '../backup-service/test/support/dealt-keyset.ts'
import { receivedOf } from '../backup-service/test/support/stored.ts'
import { startRpcStub } from '../backup-service/test/support/rpc-stub.ts'
import { runningJson } from '../backup-service/test/support/views.ts'
import { runHoldfast, type Run } from './support/run-holdfast.ts'

/** The commands that show and change a repository, as an operator types them, on a home in two directories. */
const SCHEMAS = join(import.meta.dirname, '..', 'backup-service', 'schema')
const older = dealKeyset({ epochId: 4n })
const live = dealKeyset()

async function operator(t: ExecutionContext) {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const rpc = await startRpcStub(1)
  t.teardown(() => rpc.close())
  const who = ['--account', 'alice.near', '--contract', 'mpc.near', '--rpc', rpc.urls[0] ?? '']
  rpc.show({ Running: runningJson(live.json) }, {})
  const init = ['init', '--home', home, ...who, '--identity', 'beside', '--place', 'second', '--grace-days', '1']
  const made = await runHoldfast(['backup', ...init])
  t.is(made.code, 0, made.stderr)
  t.regex(made.stdout, /lies beside them.*whoever gets this whole disk has the shares in clear/)
  const config = await readConfig(homePaths(home).config)
  const { tlsSeed } = await readIdentity(homePaths(home).identity)
  const { identity: ageIdentity, source: ageIdentitySource } = await readAgeIdentity(home, config)
  const repository = await openRepository(repositorySettings(home, config, { tlsSeed, ageIdentity, ageIdentitySource }))
  for (const dealt of [older, live]) await repository.store(receivedOf(dealt), new AbortController().signal)
  const run = (command: string, ...args: string[]): Promise<Run> =>
    runHoldfast(['backup', command, ...args, '--home', home])
  return { home, rpc, run }
}

async function checked<T>(t: ExecutionContext, name: string, run: Run): Promise<T> {
  t.is(run.code, 0, run.stderr)
  const schema = JSON.parse(await readFile(join(SCHEMAS, `${name}.json`), 'utf8')) as object
  const json: unknown = JSON.parse(run.stdout)
  const validate = new Ajv({ strict: false }).compile(schema)
  t.true(validate(json), JSON.stringify(validate.errors))
  return json as T
}

test('list, show and export - should say what is held, to people and to programs', async (t) => {
  const { home, run } = await operator(t)
  type Listed = { snapshots: { id: string; places: string[] }[]; places: { place: string; state: string }[] }
  const listed = await checked<Listed>(t, 'list', await run('list', '--json'))
  t.is(listed.snapshots.length, 2)
  for (const { places } of listed.snapshots) t.deepEqual(places, ['repository', 'second'])
  t.deepEqual(
    listed.places.map(({ place, state }) => [place, state]),
    [
      ['repository', 'ok'],
      ['second', 'ok'],
    ],
  )
  const shown = (await run('list')).stdout
  for (const { id } of listed.snapshots) t.true(shown.includes(id))
  const [{ id } = { id: '' }] = listed.snapshots
  t.is((await checked<{ id: string }>(t, 'show', await run('show', id.slice(0, 14), '--json'))).id, id)
  const unknown = await run('show', 'epoch-9')
  t.is(unknown.code, EXIT_CODES.usage)
  t.regex(unknown.stderr, /no snapshot starts with it; see holdfast backup list/)
  const to = join(home, 'copy')
  await checked(t, 'export', await run('export', '--to', to, '--json'))
  t.is((await readdir(to)).length, 2 * 2 + 2 + 1 + 1)
})

test('prune - should destroy nothing in a dry run, nothing before its time, and nothing that is live', async (t) => {
  const { run } = await operator(t)
  type Pruned = { snapshots: { epoch_id: number; fate: string }[]; destroyed: string[] }
  const fates = ({ snapshots }: Pruned) => snapshots.map(({ epoch_id, fate }) => [epoch_id, fate])
  const dry = await checked<Pruned>(t, 'prune', await run('prune', '--dry-run', '--json'))
  t.deepEqual(fates(dry), [
    [4, 'grace'],
    [5, 'live'],
  ])
  const done = await checked<Pruned>(t, 'prune', await run('prune', '--json'))
  t.deepEqual(done.destroyed, [])
  const said = (await run('prune', '--dry-run')).stdout
  t.regex(said, /The live epoch is 5\./)
  t.regex(said, /stays: it has a share of the live keyset/)
  t.regex(said, /stays until 20.*: superseded at 20/)
  t.regex(said, /0 snapshots would be destroyed; nothing was changed/)
})
