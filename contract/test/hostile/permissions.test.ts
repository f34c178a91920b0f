import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { DEFAULT_OUT } from '../../../scripts/contract-build/paths.ts'
import { CALLER_NAMES, CALLERS, type CallerName, transactionOf } from './callers.ts'
import { ALICE, CONTRACT, keyOf } from './cast.ts'
import { type Executed, execute, closeChain, type Moment, storageText, view } from './chain.ts'
import { type Outcome, outcomeOf } from './permission-rules.ts'
import { PERMISSIONS } from './permissions.ts'
import { permissionsPage, writtenPage } from './permissions-page.ts'
import { everyState, STATES, type StateName } from './states.ts'
import { VALID_ARGUMENTS, validInput } from './valid-arguments.ts'

/**
 * Every method × every kind of caller × every state, with arguments against which nothing can be said, on the compiled
 * contract: what becomes of each call is what the table says, and a refused one changes nothing.
 */
const moments = await everyState()
const exported = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(join(DEFAULT_OUT, 'holdfast.wasm'))))

test.after.always(closeChain)

test('wasm - should export the methods of the table, its memory and nothing else', (t) => {
  const names = (kind: string) => exported.filter((entry) => entry.kind === kind).map(({ name }) => name)
  t.deepEqual(names('function').sort(), Object.keys(PERMISSIONS).sort())
  t.deepEqual(Object.keys(VALID_ARGUMENTS).sort(), Object.keys(PERMISSIONS).sort())
  t.deepEqual(names('memory'), ['memory'])
  t.is(exported.length, Object.keys(PERMISSIONS).length + 1)
})

for (const [method, rules] of Object.entries(PERMISSIONS)) {
  test.serial(`${method} - should answer every caller in every state as the table says`, async (t) => {
    for (const state of STATES) {
      // lets the runner know that something goes on
      await setImmediate()
      for (const caller of CALLER_NAMES) {
        const before = moments[state]
        const executed = execute(before, callOf(method, caller, state))
        const expected = outcomeOf(rules, caller, state)
        const found = outcomeFound(executed, before)
        t.is(found.outcome, expected, `${method} by ${caller} in ${state}: ${found.text}`)
        if (expected !== 'allowed') {
          t.is(
            storageText(executed.after, CONTRACT),
            storageText(before, CONTRACT),
            `${method} by ${caller} in ${state}`,
          )
        }
      }
    }
  })
}

function callOf(method: string, name: CallerName, state: StateName) {
  const caller = CALLERS[name]
  const asks = ['proves', 'may prove'].includes(PERMISSIONS[method]!.deposit)
  const of = (input: Uint8Array) => transactionOf(caller, method, input, asks)
  const paying = of(new Uint8Array()).deposit > 0n
  return of(validInput(method, { account: caller.account, paying, moment: moments[state] }))
}

function outcomeFound({ ending, after }: Executed, before: Moment): { outcome: Outcome | null; text: string } {
  switch (ending.kind) {
    case 'done': {
      const same = storageText(after, CONTRACT) === storageText(before, CONTRACT)
      return { outcome: same ? 'no change' : 'allowed', text: '' }
    }
    case 'rejected':
      return { outcome: ending.reason as Outcome, text: ending.reason }
    case 'failed': {
      const panic = ending.text.replace('Smart contract panicked: ', '')
      const code = /^([A-Z_]+): [^\n]+$/.exec(panic)?.[1] ?? panic
      return { outcome: code as Outcome, text: ending.text }
    }
    default:
      throw new Error(`unknown ending ${JSON.stringify(ending satisfies never)}`)
  }
}

test('views - should answer as views in every state, and change methods should not', (t) => {
  for (const state of STATES) {
    for (const [method, rules] of Object.entries(PERMISSIONS)) {
      const input = validInput(method, { account: CONTRACT, paying: false, moment: moments[state] })
      const ending = view(moments[state], CONTRACT, method, input)
      const message = `${method} in ${state}: ${JSON.stringify(ending)}`
      if (rules.kind === 'change') t.is(textOf(ending), 'predecessor_account_id is not allowed in view calls', message)
      else if (outcomeOf(rules, 'outsider', state) === 'no change') t.is(ending.kind, 'done', message)
      else t.regex(textOf(ending), /NOT_INITIALIZED: /, message)
    }
  }
})

function textOf(ending: ReturnType<typeof view>): string {
  return ending.kind === 'failed' ? ending.text : ending.kind
}

test('a contract on an operator’s account - should speak with the power of the full-access key, which it has', (t) => {
  const before = moments.Running
  const args = validInput('authorize_node', { account: ALICE, paying: true, moment: before })
  const input = new Uint8Array(Buffer.concat([Buffer.from(`${CONTRACT}\nauthorize_node\n`), args]))
  const wallet = { signer: ALICE, key: keyOf(ALICE, 'wallet'), receiver: ALICE, input, deposit: 0n }
  t.is(outcomeFound(execute(before, { ...wallet, method: 'relay' }), before).outcome, 'DEPOSIT_REQUIRED')
  t.is(outcomeFound(execute(before, { ...wallet, method: 'pay' }), before).outcome, 'allowed')
})

test('PERMISSIONS.md - should be the table', async (t) => {
  t.is(writtenPage(), await permissionsPage(), 'node contract/test/hostile/permissions-page.ts writes it anew')
})
