import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { ERROR_CODES } from '../../src/error-codes.ts'
import { CALLER_NAMES, CALLERS, type Caller, transactionOf } from './callers.ts'
import { CONTRACT } from './cast.ts'
import { type Executed, execute, closeChain, type Moment, storageText } from './chain.ts'
import type { Mutation } from './mutation.ts'
import { mutations } from './mutations.ts'
import { outcomeOf } from './permission-rules.ts'
import { PERMISSIONS } from './permissions.ts'
import type { Json } from './reading.ts'
import { contractCode, everyState, STATES } from './states.ts'
import { againstArguments } from '../support/abi.ts'
import { OPTIONAL_ARGUMENTS, VALID_ARGUMENTS } from './valid-arguments.ts'

/**
 * Every method, called by somebody who may, with every kind of malformed arguments that can be made out of its valid ones:
 * a code and a sentence that names the place, or what the SDK or the VM says before the contract's code runs; not a byte
 * of storage changed, no stack trace, and never out of gas.
 */
const moments = await everyState()
/** A wasm of no sections. */
const WASM_HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

test.after.always(closeChain)

// deploy_update's are below; __contract_abi looks at none.
const WITHOUT_ARGUMENTS = ['deploy_update', '__contract_abi']
for (const method of Object.keys(PERMISSIONS).filter((name) => !WITHOUT_ARGUMENTS.includes(name))) {
  test.serial(`${method} - should refuse malformed arguments by name and change nothing`, async (t) => {
    const { caller, moment, valid } = occasion(method)
    const asks = ['proves', 'may prove'].includes(PERMISSIONS[method]!.deposit)
    const call = (input: Uint8Array) => execute(moment, transactionOf(caller, method, input, asks))
    const right = call(new TextEncoder().encode(JSON.stringify(valid)))
    t.deepEqual(right.ending, { kind: 'done' })
    let count = 0
    for (const mutation of mutations(valid, { optional: OPTIONAL_ARGUMENTS[method] ?? [] })) {
      count += 1
      // lets the runner know that something goes on
      if (count % 50 === 0) await setImmediate()
      const executed = call(mutation.input)
      const problem = problemOf(mutation, executed, right, moment)
      t.is(problem, null, `${method} with ${mutation.what}`)
      t.is(abiProblem(method, mutation, executed), null, `${method} with ${mutation.what}`)
    }
    t.log(`${count} malformed arguments`)
  })
}

test.serial('deploy_update - should take no other bytes for the code that was voted for', async (t) => {
  const moment = moments['Running, an update voted for']
  const code = await contractCode()
  const turned = code.slice()
  turned[turned.length - 1]! ^= 1
  const others = [turned, code.slice(1), code.slice(0, -1), Uint8Array.of(...WASM_HEAD), new Uint8Array(1_400_000)]
  for (const input of [...others, new TextEncoder().encode('{}'), new Uint8Array()]) {
    const executed = execute(moment, transactionOf(CALLERS.outsider, 'deploy_update', input, false))
    const expect = { kind: 'refused', names: createHash('sha256').update(input).digest('hex') } as const
    t.is(problemOf({ what: 'other code', input, expect }, executed, executed, moment), null, `${input.length} bytes`)
  }
})

/** Somebody who may call the method, when, and with what. */
function occasion(method: string): { caller: Caller; moment: Moment; valid: Json } {
  const rules = PERMISSIONS[method]!
  for (const wanted of ['allowed', 'no change']) {
    for (const state of [...STATES].reverse()) {
      const name = CALLER_NAMES.find((caller) => outcomeOf(rules, caller, state) === wanted)
      if (name === undefined) continue
      const caller = CALLERS[name]
      const moment = moments[state]
      const paying = ['proves', 'may prove'].includes(rules.deposit)
      return { caller, moment, valid: VALID_ARGUMENTS[method]!({ account: caller.account, paying, moment }) }
    }
  }
  throw new Error(`nobody may call ${method}`)
}

/** What is wrong with how the call ended, or null. */
function problemOf({ expect }: Mutation, executed: Executed, right: Executed, moment: Moment): string | null {
  const { ending, after } = executed
  if (ending.kind === 'rejected') return `the chain rejected it: ${ending.reason}`
  const text = ending.kind === 'failed' ? ending.text.replace('Smart contract panicked: ', '') : ''
  const [before, now] = [storageText(moment, CONTRACT), storageText(after, CONTRACT)]
  if (ending.kind === 'failed' && before !== now) return `it failed and changed the storage: ${text}`
  if (text.includes('\n') || / at (<|[a-zA-Z]+ \()/.test(text)) return `more than a sentence: ${text}`
  switch (expect.kind) {
    case 'same':
      return ending.kind === 'done' && now === storageText(right.after, CONTRACT) ? null : `not the same: ${text}`
    case 'executed':
      return ending.kind === 'done' ? null : `not executed: ${text}`
    case 'executed or refused':
      return ending.kind === 'done' || isCoded(text) ? null : `no code: ${text}`
    case 'not reached':
      return ending.kind === 'failed' && !isCoded(text) && !/gas/.test(text) ? null : `it reached the contract: ${text}`
    case 'refused':
      if (ending.kind === 'done') return 'executed'
      if (!isCoded(text)) return `no code: ${text}`
      return text.includes(expect.names) ? null : `the sentence does not name ${expect.names}: ${text}`
    default:
      throw new Error(`unknown expectation ${JSON.stringify(expect satisfies never)}`)
  }
}

function isCoded(text: string): boolean {
  return (ERROR_CODES as readonly string[]).includes(/^([A-Z_]+): \S/.exec(text)?.[1] ?? '')
}

/**
 * What no schema can judge: whether a text of the right form is a point or the base58 of so many bytes, an integer that
 * JavaScript rounds, the length of the whole, and arguments that must be there because a
 * deposit is, or because the domain is not BLS.
 */
const BEYOND_A_SCHEMA =
  /must be (a point|a key|[a-z0-9:]+ and base58|an integer from 0 to 2\^64)|an integer above 2\^53 may have|^MISSING_ARGUMENT: (signer_account_pk|commitments) is missing/

/** What is wrong with what the ABI says of these arguments, or null. It must take what the contract takes. */
function abiProblem(method: string, { input }: Mutation, { ending }: Executed): string | null {
  let args: unknown
  try {
    args = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input) || '{}')
  } catch {
    return null
  }
  const against = againstArguments(method, args)
  const text = ending.kind === 'failed' ? ending.text.replace('Smart contract panicked: ', '') : ''
  if (ending.kind === 'done') return against === null ? null : `the ABI refuses what the contract takes: ${against}`
  if (!/^(MISSING|UNKNOWN|INVALID)_ARGUMENT: /.test(text) || BEYOND_A_SCHEMA.test(text)) return null
  return against === null ? `the ABI takes what the contract refuses: ${text}` : null
}
