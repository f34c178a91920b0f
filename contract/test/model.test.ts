import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { NEAR_VM } from '../../localnet/near-vm/build.ts'
import { vmOfEnvironment } from '../../localnet/src/harness/start-chain.ts'
import { openEngine, type Vm } from '../../localnet/src/vm/open-engine.ts'
import { buildContract } from '../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'
import { ERROR_CODES } from '../src/error-codes.ts'
import { ContractAccount } from './model/contract-account.ts'
import { Coverage } from './model/coverage.ts'
import { METHOD_NAMES } from './model/execute.ts'
import { play, type Story } from './model/play.ts'

/**
 * Random stories of a network, lived by the compiled contract and by a model of it that was written from TEE.md and README.md
 * alone (model/README.md). HOLDFAST_MODEL_RUNS asks for another number of stories, HOLDFAST_MODEL_SEED for those of one seed.
 */
const BLOCK = 8
const RUNS = numberOf('HOLDFAST_MODEL_RUNS') ?? 32
const SEED = numberOf('HOLDFAST_MODEL_SEED')
/** The first stories are the same in every run: they were chosen for what they come through, all methods and all codes. */
const USUAL_SEED = 20_269_977
const USUAL_RUNS = 24
const FRESH_SEED = Math.floor(Math.random() * 2 ** 31)

const coverage = new Coverage()

const stories: fc.Arbitrary<Story> = fc.record({
  participants: fc.oneof(
    { weight: 8, arbitrary: fc.constant(3) },
    { weight: 6, arbitrary: fc.constant(4) },
    { weight: 4, arbitrary: fc.constantFrom(2, 5, 6, 7) },
    { weight: 1, arbitrary: fc.constant(40) },
  ),
  aged: fc.nat(3).map((n) => n === 0),
  crowded: fc.nat(7).map((n) => n === 0),
  calls: fc.noBias(fc.array(fc.noShrink(fc.nat(2 ** 32 - 1)), { minLength: 1, maxLength: 170, size: 'max' })),
})

test.before('the contract is built', async () => {
  await buildContract(DEFAULT_OUT)
})

for (let first = 0; first < RUNS; first += BLOCK) {
  const numRuns = Math.min(BLOCK, RUNS - first)
  const seed = (SEED ?? (first < USUAL_RUNS ? USUAL_SEED : FRESH_SEED)) + first
  test.serial(`model - should be what the contract does in stories ${first + 1} to ${first + numRuns}`, (t) => {
    t.timeout(600_000)
    t.log(`HOLDFAST_MODEL_SEED=${seed} HOLDFAST_MODEL_RUNS=${numRuns} tells these stories again`)
    compare(vmOfEnvironment() ?? 'v8', stories, { seed, numRuns })
    t.pass()
  })
}

test.serial("model - should be what the contract does on NEAR's own VM, which does the same as the localnet's", (t) => {
  if (!existsSync(NEAR_VM)) {
    t.log("not tested: NEAR's VM is not built on this machine; npm test and npm run gas build it where cargo is")
    t.pass()
    return
  }
  t.timeout(600_000)
  compare('both', stories.map(shortened), { seed: SEED ?? USUAL_SEED, numRuns: Math.ceil(RUNS / 20) })
  t.pass()
})

/** Codes that no story can lead to, and why. */
const UNREACHED: Readonly<Partial<Record<(typeof ERROR_CODES)[number], string>>> = {
  STATE_VERSION_MISMATCH: 'a story has one version of the contract; test/state-versions.test.ts has several',
}

test.serial('stories - should have every method accepted, and refused with every code', (t) => {
  t.log(String(coverage))
  if (SEED !== undefined || RUNS < USUAL_RUNS) {
    t.log('not judged: these are not the usual stories')
    t.pass()
    return
  }
  const codes = ERROR_CODES.filter((code) => !(code in UNREACHED))
  t.deepEqual(
    METHOD_NAMES.filter((method) => !coverage.accepted.has(method)),
    [],
    'methods never accepted',
  )
  t.deepEqual(
    codes.filter((code) => !coverage.codes.has(code)),
    [],
    'codes never met',
  )
})

/** How long to look for a shorter story that fails too. */
const SHORTENING_MS = 120_000

/**
 * @throws Error with the calls of a story in which model and contract differ: the shortest that was found in the time there is
 */
function compare(vm: Vm, told: fc.Arbitrary<Story>, { seed, numRuns }: { seed: number; numRuns: number }): void {
  const engine = openEngine(vm)
  let shortest: Error | undefined
  let deadline = Infinity
  try {
    const contract = new ContractAccount(engine, readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')))
    const agrees = fc.property(told, (story) => {
      // Every story is as good as another once the time is over: fast-check stops where none of them fails.
      if (Date.now() > deadline) return
      try {
        play(story, contract, coverage)
      } catch (error) {
        deadline = Math.min(deadline, Date.now() + SHORTENING_MS)
        shortest = error as Error
        throw error
      }
    })
    fc.check(agrees, { seed, numRuns })
  } finally {
    void engine.close()
  }
  if (shortest !== undefined) throw new Error(`with seed ${seed}: ${shortest.message}`, { cause: shortest })
}

function shortened(story: Story): Story {
  return { ...story, participants: Math.min(story.participants, 4), calls: story.calls.slice(0, 50) }
}

/** @throws TypeError if the variable is no whole number */
function numberOf(variable: string): number | undefined {
  const text = process.env[variable]
  if (text === undefined || text === '') return undefined
  if (!/^\d+$/.test(text)) throw new TypeError(`${variable} must be a whole number, found ${text}`)
  return Number(text)
}
