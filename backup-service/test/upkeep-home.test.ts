import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { provePossession } from '@holdfast/protocol/possession-proof.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { mutualTlsNode } from '../src/adapters/mutual-tls-node.ts'
import { directoryPlace } from '../src/adapters/directory-place.ts'
import { nodeFiles } from '../src/adapters/node-files.ts'
import { readAgeIdentity } from '../src/age-identity.ts'
import type { Repository } from '../src/repository/repository.ts'
import { drillNodeProcess } from '../src/upkeep/adapters/drill-node-process.ts'
import { upkeepProcess } from '../src/upkeep/adapters/upkeep-process.ts'
import { readChecks } from '../src/upkeep/checks.ts'
import { makeDrillDirectory, wipeDrillDirectories } from '../src/upkeep/drill-directory.ts'
import type { Live } from '../src/upkeep/live.ts'
import { performUpkeep, type UpkeepTask } from '../src/upkeep/perform.ts'
import type { StartDrillNode } from '../src/upkeep/ports.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { configOf, temporaryDirectory, until } from './support/home.ts'
import { repositoryOn } from './support/repository.ts'
import { ALICE, CONTRACT } from './support/views.ts'

const owner = { accountId: ALICE, contractId: CONTRACT }
const dealt = dealKeyset({ domains: ['Ed25519', 'Secp256k1'] })
const older = dealKeyset({ epochId: 4n })
const live: Live = { keyset: dealt.keyset, participantId: 1 }
const never = new AbortController().signal
const tls = createTlsIdentity(new Uint8Array(32).fill(41))

async function store(repository: Repository, { keyset, sharesOf }: typeof dealt): Promise<void> {
  await repository.store({ keyset, participantId: 1, keyshares: serializeKeyshares(sharesOf(1)) }, never)
}

async function prepared(
  t: ExecutionContext,
  options: { drillNode?: StartDrillNode; repository?: Partial<Repository>; patienceMs?: number } = {},
) {
  const home = await temporaryDirectory(t)
  const directory = join(home, 'repository')
  await mkdir(directory)
  const memory = join(home, 'chain')
  await mkdir(memory)
  const made = repositoryOn(nodeFiles, { owner, memory, places: [directoryPlace('repository', directory, nodeFiles)] })
  await store(made, dealt)
  const repository = { ...made, ...options.repository }
  const checksFile = join(home, 'checks.json')
  const perform = (task: UpkeepTask, of: Live | undefined = live) =>
    performUpkeep(
      task,
      { live: of, receipts: true },
      {
        home,
        checksFile,
        owner,
        repository,
        node: mutualTlsNode({ identity: tls }),
        drillNode: options.drillNode ?? drillNodeProcess({ home, clientTlsKey: tls.publicKeyText }),
        receipts: {
          report: async ({ keyset_digest, ciphertext_sha256 }) => {
            return { at: 'now', keyset_digest, ciphertext_sha256, outcome: 'recorded', failure: null }
          },
        },
        patienceMs: options.patienceMs ?? 0,
        onProgress: () => undefined,
      },
      never,
    )
  return { home, directory, repository: made, perform, checksFile }
}

test('a drill - should restore over real TLS to a process that proves from its disk what it holds, and wipe it', async (t) => {
  const { home, perform, checksFile } = await prepared(t)
  const { drill, receipts } = await perform({ kind: 'drill' })
  t.is(drill?.failure, null)
  t.like(drill, { epoch_id: 5n, keyset_digest: keysetDigest(dealt.keyset), shares: 2 })
  t.is(receipts.drilled?.outcome, 'recorded')
  t.deepEqual((await readChecks(checksFile)).drill, drill)
  t.deepEqual(await wipeDrillDirectories(home), [])
})

test('a drill of shares without commitments - should be proved under the share that was sent', async (t) => {
  const bare = dealKeyset({ commitments: false })
  const { repository, perform } = await prepared(t)
  await store(repository, bare)
  const { drill } = await perform({ kind: 'drill' }, { keyset: bare.keyset, participantId: 1 })
  t.is(drill?.failure, null)
})

/** A node that takes everything with a 200 of near/mpc's kind, and proves what the test says. */
function careless(
  prove: (statement: Parameters<typeof provePossession>[0], place: number) => ReturnType<typeof provePossession>,
): StartDrillNode {
  return {
    async start({ keyset, participantId }) {
      const { startNodeServer, httpAnswer, NODE_IDENTITY } = await import('./support/node-server.ts')
      const server = await startNodeServer(
        (_, socket) => void socket.write(httpAnswer('200 OK', 'Keyshares received.')),
        NODE_IDENTITY,
      )
      return {
        address: server.address,
        possession: async (subject) =>
          keyset.domains.map(({ domain_id, attempt, key }, place) =>
            prove(
              {
                ...subject,
                participantId,
                epochId: keyset.epoch_id,
                domainId: domain_id,
                attemptId: attempt,
                curve: 'Ed25519' in key ? 'Ed25519' : 'Secp256k1',
              },
              place,
            ),
          ),
        end: () => server.close(),
      }
    },
  }
}

test('a node that says 200 and does not hold the shares - should fail the drill', async (t) => {
  const others = dealt.sharesOf(2)
  const { perform } = await prepared(t, {
    drillNode: careless((statement, place) =>
      provePossession(statement, others[place]?.privateShare ?? new Uint8Array(32).fill(1)),
    ),
  })
  const { drill, receipts } = await perform({ kind: 'drill' })
  t.is(drill?.failure?.code, 'DRILL_NOT_PROVED')
  t.regex(drill?.failure?.message ?? '', /domain 0/)
  t.is(receipts.drilled, null)
})

test('a node that answers an old challenge - should fail the drill', async (t) => {
  const shares = dealt.sharesOf(1)
  const { perform } = await prepared(t, {
    drillNode: careless((statement, place) =>
      provePossession({ ...statement, challenge: '00'.repeat(32) }, shares[place]?.privateShare ?? new Uint8Array()),
    ),
  })
  t.is((await perform({ kind: 'drill' })).drill?.failure?.code, 'DRILL_NOT_PROVED')
})

test('a drill that was killed - should leave nothing that the next task does not wipe', async (t) => {
  const { home, perform } = await prepared(t)
  const left = await makeDrillDirectory(home)
  await mkdir(join(left, 'shares'))
  await writeFile(join(left, 'shares', 'permanent.json'), 'a share in clear')
  await perform({ kind: 'verify', scope: 'live' })
  t.false(await isThere(left))
})

test('a link under the name of a drill’s directory - should neither be followed nor keep anything from being wiped', async (t) => {
  const home = await temporaryDirectory(t)
  const left = await makeDrillDirectory(home)
  const precious = join(home, 'precious')
  await mkdir(precious)
  await writeFile(join(precious, 'identity.json'), 'not to be lost')
  const planted = [`${left}0`, `${left}1`]
  t.teardown(() => Promise.all(planted.map((link) => rm(link, { force: true }))))
  await symlink(precious, planted[0] ?? '')
  await symlink(join(home, 'nowhere'), planted[1] ?? '')
  t.deepEqual(await wipeDrillDirectories(home), [left])
  t.is(await readFile(join(precious, 'identity.json'), 'utf8'), 'not to be lost')
})

test('a drill whose process is killed in the middle - should be wiped by whoever started it', async (t) => {
  const home = await temporaryDirectory(t)
  await initBackupService({ home, config: configOf() })
  const left = await makeDrillDirectory(home)
  const aborting = new AbortController()
  const performing = upkeepProcess(home, await readAgeIdentity(home, configOf()))(
    { kind: 'drill' },
    { live, receipts: false },
    aborting.signal,
  )
  aborting.abort(new Error('enough'))
  await t.throwsAsync(performing)
  await until(async () => !(await isThere(left)))
  t.false(await isThere(left))
})

function isThere(directory: string): Promise<boolean> {
  return readdir(directory).then(
    () => true,
    () => false,
  )
}

test('two at a time - should be refused', async (t) => {
  const { perform } = await prepared(t)
  const first = perform({ kind: 'drill' })
  await t.throwsAsync(perform({ kind: 'verify', scope: 'all' }), { code: 'CHECK_UNDER_WAY' })
  await first
})

test('a person - should wait for what the service is doing', async (t) => {
  const { perform } = await prepared(t, { patienceMs: 60_000 })
  const [first, second] = await Promise.all([perform({ kind: 'drill' }), perform({ kind: 'verify', scope: 'all' })])
  t.is(first.drill?.failure, null)
  t.is(second.verification?.live, 'genuine')
})

test('a drill without a snapshot of the live keyset - should be refused', async (t) => {
  const { perform } = await prepared(t)
  await t.throwsAsync(perform({ kind: 'drill' }, { keyset: older.keyset, participantId: 1 }), {
    code: 'NOTHING_TO_DRILL',
  })
})

test('a verification - should prove the live shares on the commitments of the contract, and the older ones too', async (t) => {
  const { repository, perform } = await prepared(t)
  await store(repository, older)
  const { verification } = await perform({ kind: 'verify', scope: 'all' })
  t.like(verification, { live: 'genuine', snapshots: 2, shares: 4, failures: [] })
  t.like((await perform({ kind: 'verify', scope: 'live' })).verification, { live: 'genuine', snapshots: 1, shares: 2 })
})

test('a verification - should see to it that the contract still has the receipt of a backup that was reported', async (t) => {
  const { perform } = await prepared(t)
  t.is((await perform({ kind: 'verify', scope: 'all' })).receipts.stored, null)
  const { receipts } = await perform({ kind: 'report' })
  t.is(receipts.stored?.outcome, 'recorded')
  t.is((await perform({ kind: 'verify', scope: 'all' })).receipts.stored?.at, 'now')
})

test('a verification where the contract shows other commitments - should say that nothing covers them', async (t) => {
  const { perform } = await prepared(t)
  const { verification } = await perform(
    { kind: 'verify', scope: 'all' },
    { keyset: dealKeyset().keyset, participantId: 1 },
  )
  t.like(verification, { live: 'missing', failures: [] })
})

test('a snapshot that cannot be used - should be a finding that is named, not an error', async (t) => {
  const { directory, perform } = await prepared(t)
  const name = (await readdir(directory)).find((each) => each.endsWith('.age')) ?? ''
  await writeFile(join(directory, name), 'not what was written')
  const { verification } = await perform({ kind: 'verify', scope: 'all' })
  t.is(verification?.live, 'missing')
  t.is(verification?.failures[0]?.file, name)
})

test('a snapshot that is whole and opens no more - should fail the verification of what is live', async (t) => {
  const { perform } = await prepared(t, {
    repository: {
      load: () =>
        Promise.reject(
          Object.assign(new Error('sealed for another'), { name: 'HoldfastError', code: 'SNAPSHOT_UNDECRYPTABLE' }),
        ),
    },
  })
  const { verification } = await perform({ kind: 'verify', scope: 'live' })
  t.is(verification?.live, 'failed')
  t.is(verification?.failures[0]?.code, 'SNAPSHOT_UNDECRYPTABLE')
})
