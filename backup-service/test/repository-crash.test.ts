/**
 * The power is cut between every two file-system calls, and every disk is full at every call. Fails if a restart then
 * finds an old snapshot harmed, a new one half, or a chain that does not verify.
 */
import test, { type ExecutionContext } from 'ava'
import { directoryPlace } from '../src/adapters/directory-place.ts'
import { readChain } from '../src/repository/chain.ts'
import type { Repository } from '../src/repository/repository.ts'
import type { LiveView } from '../src/repository/retention.ts'
import type { CareOrder } from '../src/repository/care.ts'
import type { DealtKeyset } from './support/dealt-keyset.ts'
import { putFormat1 } from './support/format-1.ts'
import { MemoryFiles, systemError } from './support/memory-files.ts'
import { bothPlaces, MEMORY, ORDER, OWNER, PLACES, repositoryOn, SIGNER } from './support/repository.ts'
import { contentOf, receivedOf, slotFor, small } from './support/stored.ts'

const { older, live } = small
const BOTH = ['lazy', 'eager'] as const
const never = new AbortController().signal
const open = (files: MemoryFiles): Repository => repositoryOn(files, { places: bothPlaces(files) })
const viewAt = (blockTimeMs: number): LiveView => ({
  keyset: live.keyset,
  participantId: 0,
  blockHeight: 1n,
  blockTimeMs,
})
const pruneAt = (ms: number): CareOrder => ({ ...ORDER, view: viewAt(ms) })

async function holding(...dealt: DealtKeyset[]): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  for (const one of dealt) await open(files).store(receivedOf(one), never)
  return files
}

type Act = {
  /** What is there before. */
  before(): Promise<MemoryFiles>
  run(files: MemoryFiles): Promise<unknown>
  /** What must be held whatever happened, and what once the act has been repeated. */
  always: DealtKeyset[]
  afterwards: DealtKeyset[]
}

const acts: Record<string, Act> = {
  'a store': {
    before: () => holding(older),
    run: (files) => open(files).store(receivedOf(live), never),
    always: [older],
    afterwards: [older, live],
  },
  'taking over the previous format': {
    async before() {
      const files = new MemoryFiles()
      for (const dealt of [older, live]) putFormat1(files, 'a', dealt)
      return files
    },
    run: (files) => open(files).maintain(ORDER, never),
    always: [],
    afterwards: [older, live],
  },
  'mending a place that lost everything': {
    async before() {
      const files = await holding(older, live)
      for (const path of files.paths().filter((found) => found.startsWith('b/'))) files.lose(path)
      return files
    },
    run: (files) => open(files).maintain(ORDER, never),
    always: [older, live],
    afterwards: [older, live],
  },
  'giving up a superseded epoch': {
    async before() {
      const files = await holding(older, live)
      await open(files).maintain(pruneAt(1_000), never)
      return files
    },
    run: (files) => open(files).maintain(pruneAt(2_000), never),
    always: [live],
    afterwards: [live],
  },
}

async function heldIn(repository: Repository): Promise<string[]> {
  return (await repository.contents()).snapshots.map(({ slot }) => slot)
}

async function requireHeld(t: ExecutionContext, files: MemoryFiles, dealt: DealtKeyset[], why: string): Promise<void> {
  const repository = open(files)
  const { snapshots } = await repository.contents()
  for (const one of dealt) {
    const found = snapshots.find(({ slot }) => slot === slotFor(one))
    t.deepEqual(found && (await repository.load(found)), contentOf(one), why)
  }
}

/** Every copy of the chain holds together by itself. */
async function requireChains(t: ExecutionContext, files: MemoryFiles, why: string): Promise<void> {
  for (const directory of [MEMORY, ...PLACES]) {
    const place = directoryPlace(directory, directory, files)
    const names = (await place.list(never)).map(({ name }) => name)
    const notes = new Map<string, Uint8Array>()
    for (const name of names) notes.set(name, await place.read(name, never))
    const { gaps, findings, links } = readChain(OWNER, SIGNER.publicKey, notes)
    t.deepEqual([gaps, findings], [[], []], `${why}: ${directory}`)
    for (const [index, { manifest }] of links.entries()) {
      t.is(manifest.previous, links[index - 1]?.hash ?? null, `${why}: ${directory}`)
    }
  }
}

async function requireWell(t: ExecutionContext, files: MemoryFiles, act: Act, why: string): Promise<void> {
  await open(files).maintain(ORDER, never)
  await act.run(files)
  await open(files).maintain(ORDER, never)
  const { damaged, places, incidents, needsCare } = await open(files).contents()
  t.deepEqual(damaged, [], why)
  t.deepEqual(
    places.map(({ state }) => state),
    ['ok', 'ok'],
    `${why}: ${places.map(({ reason }) => reason).join()}`,
  )
  t.false(needsCare, why)
  t.deepEqual((await heldIn(open(files))).toSorted(), act.afterwards.map(slotFor).toSorted(), why)
  await requireHeld(t, files, act.afterwards, why)
  await requireChains(t, files, why)
  t.false(
    files.paths().some((path) => path.includes('.tmp')),
    why,
  )
  if (act !== acts['mending a place that lost everything']) t.deepEqual(incidents, [], why)
}

async function callsOf(act: Act, begin: MemoryFiles): Promise<number> {
  const files = begin.copy()
  await act.run(files)
  return files.calls
}

for (const [name, act] of Object.entries(acts)) {
  test(`crash - should harm nothing at any call of ${name}`, async (t) => {
    const begin = await act.before()
    const calls = await callsOf(act, begin)
    t.true(calls > 10)
    for (let n = 1; n <= calls; n++) {
      // What is not yet durable may or may not be there afterwards.
      for (const names of act === acts['a store'] ? BOTH : [BOTH[n % 2] ?? 'lazy']) {
        const why = `call ${n} of ${calls}, names written ${names}`
        const files = begin.copy()
        files.crashAtCall(n)
        await act.run(files).catch(() => undefined)
        const after = files.afterCrash(names)
        await requireHeld(t, after, act.always, why)
        await requireWell(t, after, act, why)
      }
    }
  })

  test(`full disk - should harm nothing at any call of ${name}`, async (t) => {
    const begin = await act.before()
    const calls = await callsOf(act, begin)
    for (let n = 1; n <= calls; n++) {
      const why = `call ${n} of ${calls}`
      const files = begin.copy()
      files.failFromCall(n, systemError('ENOSPC'))
      await act.run(files).catch(() => undefined)
      files.failFromCall(Infinity, systemError('ENOSPC'))
      await requireHeld(t, files, act.always, why)
      await requireWell(t, files, act, why)
    }
  })
}
