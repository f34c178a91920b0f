import { stringifyJson, type Json } from '../../../protocol/src/json.ts'
import { difference } from './canonical.ts'
import { CONTRACT, type ContractAccount, type Execution } from './contract-account.ts'
import type { Coverage } from './coverage.ts'
import { execute, type Answer, type Call } from './execute.ts'
import { Invariants } from './invariants.ts'
import { compareEverything, compareViews } from './observe.ts'
import { Dice } from './random/dice.ts'
import { later } from './random/clock.ts'
import { idea } from './random/ideas.ts'
import { call, sentArguments } from './random/spoil.ts'
import type { Scene } from './random/step.ts'
import { agedModel, agedStorage } from './seeded.ts'
import { SECOND } from './time.ts'

/** A story: how the network begins, and a number for every call, which decides all there is to choose about it. */
export interface Story {
  readonly participants: number
  /** The network has lived for long: its counters are above 2^53. */
  readonly aged: boolean
  /** So many strangers would like to take part that not all of them can be candidates. */
  readonly crowded: boolean
  readonly calls: readonly number[]
}

/**
 * Lives the story with the model and with the contract and compares both after every call: how it ended, every view, every
 * event; and the invariants, of which the model knows nothing.
 * @throws Error at the first difference, with the calls up to it
 */
export function play(story: Story, contract: ContractAccount, coverage: Coverage): void {
  contract.restore(new Map())
  let scene: Scene = { model: null, now: 1_700_000_000n * SECOND, height: 100n }
  const invariants = new Invariants(contract)
  const told: string[] = []
  const met = new Set<string>([CONTRACT])
  for (const seed of story.calls) {
    const dice = new Dice(seed)
    const block = later(scene, dice)
    const made = call(idea(scene, story, dice), block, dice)
    met.add(made.account)
    try {
      // An authorisation is a view for each account: the caller's and one more now, all of them in the end.
      const answer = step(scene.model, made, contract, [made.account, dice.pick(met)], coverage, invariants)
      told.push(`${line(made)}  -> ${answer.kind === 'refused' ? [...answer.codes].join(' or ') : 'done'}`)
      scene = { ...block, model: answer.kind === 'done' ? answer.model : scene.model }
      if (made.method === 'init' && answer.kind === 'done' && story.aged) {
        contract.restore(agedStorage(contract.storage, answer.model))
        scene = { ...block, model: agedModel(answer.model) }
        compareViews(contract, scene.model, met)
        invariants.forget()
      }
      if (seed === story.calls.at(-1)) compareEverything(contract, scene.model, met)
    } catch (error) {
      const calls = [...told, line(made)].map((text, i) => `${i + 1}. ${text}`).join('\n')
      throw new Error(`${(error as Error).message}\n\nafter these calls:\n${calls}`, { cause: error })
    }
  }
}

function step(
  before: Scene['model'],
  made: Call,
  contract: ContractAccount,
  met: Iterable<string>,
  coverage: Coverage,
  invariants: Invariants,
): Answer {
  const { method, account, key, deposit, now, height, through } = made
  const expected = execute(before, made)
  const storage = contract.storage
  const found = contract.execute({
    method,
    input: stringifyJson(sentArguments(made)),
    predecessor: through ?? account,
    signer: account,
    signerKey: key,
    deposit,
    now,
    height,
  })
  coverage.steps += 1
  if (before !== null) coverage.count(coverage.phases, before.phase.kind)
  compareEnds(found, expected, made, coverage)
  compareViews(contract, expected.kind === 'done' ? expected.model : before, met)
  invariants.check(made, found, storage)
  return expected
}

function compareEnds(found: Execution, expected: Answer, { method }: Call, coverage: Coverage): void {
  if (found.kind === 'refused') {
    const code = codeOf(found.text)
    if (expected.kind === 'done') throw new Error(`refused, but no rule is broken: ${found.text}`)
    if (!(expected.codes as ReadonlySet<string>).has(code)) {
      throw new Error(`refused for another reason than ${[...expected.codes].join(' or ')}: ${found.text}`)
    }
    return coverage.count(coverage.codes, code)
  }
  if (expected.kind === 'refused') throw new Error(`accepted, against the rules: ${[...expected.codes].join(', ')}`)
  coverage.count(coverage.accepted, method)
  for (const { event } of found.events) coverage.count(coverage.events, event)
  const differs = difference(found.events as unknown as Json, expected.events as unknown as Json)
  if (differs !== null) throw new Error(`other events than the model's; ${differs}`)
  if (found.refund !== expected.refund) throw new Error(`a refund of ${found.refund}, expected ${expected.refund}`)
}

/** The code of a refusal; the SDK's own words for a deposit have none. @throws Error for a refusal in another form */
function codeOf(text: string): string {
  if (text.startsWith('Function is not payable')) return 'NOT_PAYABLE'
  const [, code] = /^([A-Z_]+): [^\n]+$/.exec(text) ?? []
  if (code === undefined) throw new Error(`refused without a code: ${text}`)
  return code
}

function line({ method, account, args, key, deposit, now, height, through, damage }: Call): string {
  const by = through === undefined ? account : `${account} through ${through}`
  const more = `${deposit > 0n ? ` with ${deposit} yocto` : ''}${damage === undefined ? '' : ` (${damage})`}`
  return `${by} ${method} ${stringifyJson(args)}${more} by ${key} at ${now} in block ${height}`
}
