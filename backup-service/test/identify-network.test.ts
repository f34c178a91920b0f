import test from 'ava'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import { networkIdentifier } from '../src/network/identify.ts'
import { shapeOf } from '../src/network/shape.ts'
import { MAINNET_STATE, RECORDED_STATES } from './support/near-mpc-vectors.ts'
import { recovery, running } from './support/serving.ts'
import { CONTRACT, recordJson, viewOf } from './support/views.ts'

const never = new AbortController().signal
const none = new HoldfastError('CONTRACT_UNREADABLE', `the contract on ${CONTRACT} has no method version`)
const down = new HoldfastError('RPC_UNAVAILABLE', 'made up')

/** A reader that answers the view `version` so often, in this order. */
function answering(...answers: (Json | Error)[]) {
  const asked: string[] = []
  let nowMs = 0
  const identifier = networkIdentifier(
    {
      async viewMethod(method) {
        asked.push(method)
        const next = answers.shift()
        if (next instanceof Error) throw next
        return next ?? null
      },
    },
    { contractId: CONTRACT, versionEveryMs: 1_000, now: () => nowMs },
  )
  return { identifier, asked, pass: (ms: number) => void (nowMs += ms) }
}

test("shape - should tell every recorded state of near/mpc's contract from Holdfast's own", (t) => {
  t.true(RECORDED_STATES.length > 10)
  for (const { name, json } of RECORDED_STATES) t.is(shapeOf(json), 'near-mpc', name)
  t.is(shapeOf(MAINNET_STATE), 'near-mpc')
  t.is(shapeOf(running), 'holdfast')
  t.is(shapeOf({ Resharing: { previous_running_state: (running as { Running: Json }).Running } }), 'holdfast')
  t.is(shapeOf(recovery(recordJson())), 'holdfast')
  const parameters = { participants: { participants: [['a.near', 0, { url: '', incarnation: 0 }]] } }
  t.is(shapeOf({ Initializing: { generating_key: { parameters } } }), 'holdfast')
  t.is(shapeOf('NotInitialized'), 'none')
})

test("identify - should name Holdfast's contract without asking for anything more", async (t) => {
  const { identifier, asked } = answering()
  t.is(await identifier.identify(viewOf(running), never), HOLDFAST)
  t.is((await identifier.identify(viewOf('NotInitialized'), never)).label, 'holdfast')
  t.deepEqual(asked, [])
})

test("identify - should name near/mpc's contract with its version, and ask for it anew once a minute", async (t) => {
  const { identifier, asked, pass } = answering('3.14.1', '3.14.1', '3.15.0-rc.1')
  const first = await identifier.identify(viewOf(MAINNET_STATE), never)
  t.is(first.label, 'near-mpc 3.14.1')
  t.is(first.kind, 'near-mpc')
  t.is(await identifier.identify(viewOf(MAINNET_STATE), never), first)
  t.deepEqual(asked, ['version'])
  pass(1_000)
  t.is(await identifier.identify(viewOf(MAINNET_STATE), never), first)
  pass(1_000)
  t.is((await identifier.identify(viewOf(MAINNET_STATE), never)).label, 'near-mpc 3.15.0-rc.1')
})

test('identify - should notice with the next view that the contract became another', async (t) => {
  const { identifier } = answering('3.14.1', '4.0.0')
  await identifier.identify(viewOf(MAINNET_STATE), never)
  t.is(await identifier.identify(viewOf(running), never), HOLDFAST)
  t.is((await identifier.identify(viewOf(MAINNET_STATE), never)).label, 'near-mpc 4.0.0')
})

test('identify - should go on with the version that it knows while the endpoints are in trouble', async (t) => {
  const { identifier, pass } = answering('3.14.1', down)
  const known = await identifier.identify(viewOf(MAINNET_STATE), never)
  pass(1_000)
  t.is(await identifier.identify(viewOf(MAINNET_STATE), never), known)
})

test('identify - should fail with the trouble of the endpoints where it knows no version yet', async (t) => {
  const { identifier } = answering(down)
  await t.throwsAsync(identifier.identify(viewOf(MAINNET_STATE), never), { code: 'RPC_UNAVAILABLE' })
})

for (const [what, answer, found] of [
  ['has no version', none, /no view version/],
  ['gives a number', 3, /the version 3,/],
  ['gives a sentence', 'three point one', /"three point one"/],
  ['gives nothing', null, /the version null/],
  ['gives an essay', 'x'.repeat(1_000), /the version "x{59},/],
] as const) {
  test(`identify - should refuse a contract that ${what}, naming what was found`, async (t) => {
    const { identifier } = answering(answer)
    const error = await t.throwsAsync(identifier.identify(viewOf(MAINNET_STATE), never), {
      code: 'UNKNOWN_NETWORK',
      message: found,
    })
    t.regex(error?.message ?? '', /mpc\.near.*expected Holdfast's contract, or near\/mpc's/)
  })
}

test('identify - should refuse a known contract that loses its version', async (t) => {
  const { identifier, pass } = answering('3.14.1', none)
  await identifier.identify(viewOf(MAINNET_STATE), never)
  pass(1_000)
  await t.throwsAsync(identifier.identify(viewOf(MAINNET_STATE), never), { code: 'UNKNOWN_NETWORK' })
})
