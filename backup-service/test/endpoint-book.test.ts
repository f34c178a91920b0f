import test from 'ava'
import type { Logger } from '@holdfast/protocol/log.ts'
import { createEndpointLog } from '../src/freshness/endpoint-log.ts'
import {
  endpointDetail,
  endpointState,
  FLAP_WINDOW_MS,
  FLAPS,
  newEndpointRecord,
  withEndpointEvent,
  type EndpointRecord,
} from '../src/freshness/endpoint-book.ts'

const MINUTE = 60_000
const START = 10 ** 12
const told = (
  record: EndpointRecord,
  kind: Parameters<typeof withEndpointEvent>[1]['kind'],
  atMs: number,
): EndpointRecord => withEndpointEvent(record, { kind, detail: `${kind} at ${atMs}` }, atMs)

test('endpoint - should be well at first, and fall into and out of each trouble, counted', (t) => {
  let record = newEndpointRecord('rpc.example', START)
  t.deepEqual(endpointState(record, START), { state: 'well', sinceMs: START })
  for (const kind of ['lied', 'lagging', 'unreachable', 'wrong'] as const) {
    record = told({ ...record, changes: [] }, kind, START + 1)
    t.deepEqual(endpointState(record, START + 2), { state: kind, sinceMs: START + 1 })
    record = told(record, kind, START + 5)
    t.deepEqual(endpointState(record, START + 6), { state: kind, sinceMs: START + 1 }, 'the same trouble goes on')
    record = told(record, 'recovered', START + 9)
    t.deepEqual(endpointState(record, START + 9), { state: 'well', sinceMs: START + 9 })
    t.is(record.times[kind], 1)
  }
})

test('endpoint - should be flapping after many changes in a short time, and well by itself later', (t) => {
  let record = newEndpointRecord('rpc.example', START)
  for (let change = 0; change < FLAPS; change++) {
    t.not(endpointState(record, START + change * MINUTE).state, 'flapping')
    record = told(record, change % 2 === 0 ? 'unreachable' : 'recovered', START + change * MINUTE)
  }
  const last = START + (FLAPS - 1) * MINUTE
  t.deepEqual(endpointState(record, last), { state: 'flapping', sinceMs: START })
  t.is(endpointState(record, last + FLAP_WINDOW_MS - 1).state, 'flapping')
  t.deepEqual(endpointState(record, last + FLAP_WINDOW_MS), { state: 'well', sinceMs: last })
})

test('endpoint - should not be flapping for as many changes over a long time', (t) => {
  let record = newEndpointRecord('rpc.example', START)
  for (let change = 0; change < 5 * FLAPS; change++) {
    const atMs = START + change * FLAP_WINDOW_MS
    record = told(record, change % 2 === 0 ? 'unreachable' : 'recovered', atMs)
    t.not(endpointState(record, atMs).state, 'flapping')
  }
  t.is(record.times.unreachable, (5 * FLAPS) / 2)
  t.true(record.changes.length <= FLAPS)
})

test('endpoint - should, while it flaps, be described by its troubles and logged once', (t) => {
  const lines: string[] = []
  const note = (_fields: unknown, text: string): void => void lines.push(text)
  const say = createEndpointLog({ info: note, warn: note, error: note } as unknown as Logger)
  let record = newEndpointRecord('rpc.example', START)
  for (let change = 0; change < 3 * FLAPS; change++) {
    const kind = change % 2 === 0 ? 'lied' : 'recovered'
    record = told(record, kind, START + change)
    say({ endpoint: 'rpc.example', kind, detail: '' }, endpointState(record, START + change).state)
  }
  const last = START + 3 * FLAPS - 1
  t.is(endpointDetail(record, last), `since the start lied 9 times; the last time: lied at ${last - 1}`)
  t.is(endpointDetail(record, last + FLAP_WINDOW_MS), `recovered at ${last}`)
  t.is(lines.length, FLAPS)
  t.regex(lines.at(-1) ?? '', /keeps changing/)
  record = told(record, 'lied', last + FLAP_WINDOW_MS)
  say({ endpoint: 'rpc.example', kind: 'lied', detail: '' }, endpointState(record, last + FLAP_WINDOW_MS).state)
  t.regex(lines.at(-1) ?? '', /in trouble/)
})
