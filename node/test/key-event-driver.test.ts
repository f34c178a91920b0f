import test from 'ava'
import type { KeyEvent } from '@holdfast/protocol/contract-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import { KeyEventFailure } from '../src/key-events/ask-participant.ts'
import { createBroadcast } from '../src/key-events/broadcast.ts'
import { createEchoes } from '../src/key-events/echo.ts'
import { createKeyEventDriver, type KeyEventPart } from '../src/key-events/key-event-driver.ts'
import { createShareMaker, type MakeShare } from '../src/key-events/make-share.ts'
import { createKeygenSessions } from '../src/keygen/sessions.ts'
import { createCounts } from '../src/monitoring/counts.ts'
import type { AskPeer, KeepShares } from '../src/ports.ts'
import { createDealerSessions } from '../src/resharing/sessions.ts'
import { newIdentity } from './support/backup-client.ts'
import { holding } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'
import { knownKey, storedShare } from './support/shares.ts'

/** What becomes of an attempt: how it is counted, what is called and whom the log names. */
const identity = newIdentity()
const participants: Participant[] = [0, 1].map((participantId) => ({
  accountId: `node${participantId}.near`,
  participantId,
  info: { url: 'http://127.0.0.1:1', tls_public_key: newIdentity().publicKeyText, incarnation: 0n },
}))
const EXPIRES_ON = 130n

function partOf(kind: 'generate' | 'reshare', attempt: bigint | null): KeyEventPart {
  const event = {
    epoch_id: 4n,
    domain: { id: 0n, protocol: 'Frost', reconstruction_threshold: 2, purpose: 'Sign' },
    next_attempt_id: attempt ?? 1n,
    instance:
      attempt === null
        ? null
        : { attempt_id: attempt, started_in: 100n, expires_on: EXPIRES_ON, completed: [], public_key: null },
  } as unknown as KeyEvent
  const common = { event, participants, threshold: 2 }
  if (kind === 'generate') return { work: { kind, ...common }, self: 1 }
  const previous = { epochId: 3n, key: undefined as never, stayers: participants }
  return { work: { kind, ...common, previous }, self: 1 }
}

function driven(makeShare: MakeShare) {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const called: string[] = []
  const { count, read } = createCounts()
  const shares: KeepShares = {
    ...holding([]),
    markStarted: async () => true,
    storeTemporary: async () => undefined,
  }
  const driver = createKeyEventDriver({
    makeShare,
    mesh: { ask: () => Promise.reject(new Error('not asked')), connected: () => [] },
    shares,
    contract: {
      call: async (method: string) => void called.push(method),
      close: () => undefined,
    } as never,
    actions: {
      ensure: (_name: string, act: (signal: AbortSignal) => Promise<unknown>) => void act(new AbortController().signal),
    } as never,
    log,
    count,
  })
  return { driver, lines, called, attempts: () => read().keyEventAttempts }
}

test('attempt that makes a share - should be counted as stored and voted for', async (t) => {
  const { driver, called, attempts } = driven(async () => storedShare(knownKey(0), 1))
  driver.onView(partOf('generate', 0n), 101n)
  await eventually('the vote', () => called.includes('vote_pk') || undefined)
  t.deepEqual(attempts().generate, { stored: 1, failed: 0, over: 0 })
})

for (const [kind, name] of [
  ['generate', 'key generation'],
  ['reshare', 'resharing'],
] as const) {
  test(`attempt at a ${name} that fails here - should be counted as failed, aborted, and the culprit named`, async (t) => {
    const { driver, lines, called, attempts } = driven(() =>
      Promise.reject(new KeyEventFailure('node0.near gave nonsense', 'node0.near')),
    )
    driver.onView(partOf(kind, 0n), 101n)
    await eventually('the abort', () => called.includes('vote_abort_key_event_instance') || undefined)
    t.deepEqual(attempts()[kind], { stored: 0, failed: 1, over: 0 })
    t.true(lines.some((line) => line.includes('"participant":"node0.near"') && line.includes('nonsense')))
  })
}

test('attempt that others give up - should be counted as over, and nobody be named', async (t) => {
  const { driver, lines, called, attempts } = driven((_attempt, _part, signal) => ended(signal))
  driver.onView(partOf('generate', 0n), 101n)
  driver.onView(partOf('generate', null), 102n)
  await eventually('the end', () => attempts().generate.over === 1 || undefined)
  t.deepEqual(attempts().generate, { stored: 0, failed: 0, over: 1 })
  t.deepEqual(called, [])
  t.false(lines.some((line) => line.includes('failed here')))
})

test('attempt that expires - should be counted as over, and the silent participant be named', async (t) => {
  const silent: AskPeer = {
    connected: () => [],
    ask: (_id, _type, _body: Json, { signal }) => ended(signal),
  }
  const broadcast = createBroadcast('holdfast.near', identity)
  const parts = {
    keygen: createKeygenSessions(broadcast),
    dealers: createDealerSessions(),
    echoes: createEchoes(broadcast),
  }
  const { driver, lines, attempts } = driven(
    createShareMaker({ ...parts, broadcast, mesh: silent, shares: holding([]) }),
  )
  driver.onView(partOf('generate', 0n), 101n)
  // It asks once its own package is made.
  await new Promise((resolve) => setImmediate(resolve))
  driver.onView(partOf('generate', null), EXPIRES_ON)
  await eventually('the end', () => attempts().generate.over === 1 || undefined)
  const [line] = lines.filter((each) => each.includes('failed here'))
  t.regex(line ?? '', /expired before node0\.near had answered.*"participant":"node0\.near"/)
})

test('stop - should end an attempt without a word against anybody', async (t) => {
  const { driver, lines, attempts } = driven((_attempt, _part, signal) => ended(signal))
  driver.onView(partOf('reshare', 0n), 101n)
  driver.stop()
  await eventually('the end', () => attempts().reshare.over === 1 || undefined)
  t.false(lines.some((line) => line.includes('failed here')))
})

/** Waits for nothing but the end. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(signal.reason as Error)
    if (signal.aborted) return end()
    signal.addEventListener('abort', end)
  })
}
