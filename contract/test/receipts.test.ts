import test from 'ava'
import { liveRunningState } from '../../protocol/src/live-state.ts'
import { parseProtocolState } from '../../protocol/src/contract-state.ts'
import { keysetDigest } from '../../protocol/src/keyset-digest.ts'
import { levelOf } from '../src/recoverability.ts'
import { ed25519Key, frostKey } from './support/keys.ts'
import { conclude, recover } from './support/recovering.ts'
import { registerSidecar, report, sidecarKey } from './support/reporting.ts'
import { resharing, reshareKeys } from './support/resharing.ts'
import { domain, fresh, generateKeys, initializing, operator, running, SECOND, START } from './support/world.ts'

function withSidecars(members = 3, threshold = 2) {
  const world = running(members, threshold)
  for (let i = 0; i < members; i++) registerSidecar(world, i)
  return world
}

test('report_backup - should keep the newest receipt of each kind, with the chain’s time', (t) => {
  const world = withSidecars()
  const { events } = report(world, 1)
  const state = liveRunningState(parseProtocolState(world.state()))!
  const keyset_digest = keysetDigest(state.keyset)
  const stored = { epoch_id: 0, keyset_digest, ciphertext_sha256: 'ab'.repeat(32), kind: 'stored', at: String(START) }
  t.deepEqual(events, [{ event: 'backup_reported', data: { account_id: operator(1), ...stored } }])
  t.deepEqual(world.receipts()[operator(1)], { stored, drilled: null })
  world.now += SECOND
  report(world, 1, { kind: 'drilled', ciphertext_sha256: 'cd'.repeat(32) })
  world.now += SECOND
  report(world, 1, { ciphertext_sha256: 'ef'.repeat(32) })
  t.deepEqual(world.receipts(), {
    [operator(0)]: { stored: null, drilled: null },
    [operator(1)]: {
      stored: { ...stored, ciphertext_sha256: 'ef'.repeat(32), at: String(START + 2n * SECOND) },
      drilled: { ...stored, kind: 'drilled', ciphertext_sha256: 'cd'.repeat(32), at: String(START + SECOND) },
    },
    [operator(2)]: { stored: null, drilled: null },
  })
})

test('report_backup - should be for the registered backup service of a participant alone', (t) => {
  const world = withSidecars()
  t.is(report(world, 1, {}, { key: ed25519Key(1) }).code, 'WRONG_SIGNER_KEY')
  t.is(report(world, 1, {}, { account: 'eve.near' }).code, 'NOT_PARTICIPANT')
  t.is(report(running(), 1).code, 'NO_BACKUP_SERVICE')
  t.is(report(world, 1, {}, { signer: 'other.near' }).code, 'NOT_DIRECT_CALL')
  t.is(world.recoverability().domains[0].stored, 0)
})

test('report_backup - should refuse another epoch, another keyset and what is malformed', (t) => {
  const world = withSidecars()
  const before = new Map(world.storage)
  for (const [changes, code] of [
    [{ epoch_id: 1 }, 'KEYSET_MISMATCH'],
    [{ keyset_digest: '00'.repeat(32) }, 'KEYSET_MISMATCH'],
    [{ keyset_digest: '00'.repeat(31) }, 'INVALID_ARGUMENT'],
    [{ keyset_digest: 'AB'.repeat(32) }, 'INVALID_ARGUMENT'],
    [{ keyset_digest: undefined }, 'MISSING_ARGUMENT'],
    [{ ciphertext_sha256: 'x' }, 'INVALID_ARGUMENT'],
    [{ ciphertext_sha256: null }, 'MISSING_ARGUMENT'],
    [{ epoch_id: -1 }, 'INVALID_ARGUMENT'],
    [{ epoch_id: '0' }, 'INVALID_ARGUMENT'],
    [{ kind: 'exported' }, 'INVALID_ARGUMENT'],
    [{ kind: undefined }, 'MISSING_ARGUMENT'],
    [{ at: String(START) }, 'UNKNOWN_ARGUMENT'],
  ] as const) {
    t.is(report(world, 1, changes).code, code, JSON.stringify(changes))
  }
  t.is(world.call({ account: operator(1), key: sidecarKey(1) }, 'report_backup', {}).code, 'MISSING_ARGUMENT')
  t.deepEqual(world.storage, before)
})

test('report_backup - should take an epoch above 2^53 exactly and show it so', (t) => {
  const world = withSidecars()
  const ledger = world.ledger()
  ledger.liveKeyset.write({ ...ledger.liveKeyset.read(), epoch_id: 9007199254740993n })
  ledger.save()
  const { keyset_digest } = ledger.liveKeyset.read()
  const receipt = (epoch: string) =>
    `{"receipt":{"epoch_id":${epoch},"keyset_digest":"${keyset_digest}","ciphertext_sha256":"${'ab'.repeat(32)}","kind":"stored"}}`
  const by = { account: operator(1), key: sidecarKey(1) }
  t.is(world.callText(by, 'report_backup', receipt('9007199254740992')).code, 'KEYSET_MISMATCH')
  t.is(world.callText(by, 'report_backup', receipt('9007199254740993')).refused, null)
  t.is(world.receipts()[operator(1)].stored.epoch_id, 9007199254740993n)
  t.is(world.recoverability().operators[operator(1)].stored_at, String(START))
})

test('report_backup - should begin anew when another backup service is named, and only then', (t) => {
  const world = withSidecars()
  report(world, 1)
  registerSidecar(world, 1)
  t.not(world.receipts()[operator(1)].stored, null)
  registerSidecar(world, 1, 77_000)
  t.deepEqual(world.receipts()[operator(1)], { stored: null, drilled: null })
})

test('recoverability - should count per domain and say when, operators who never reported too', (t) => {
  const world = initializing([domain(0, 'Frost', 2), domain(1, 'CaitSith', 3)], 3, 3)
  generateKeys(world)
  for (let i = 0; i < 3; i++) registerSidecar(world, i)
  report(world, 0)
  world.now += SECOND
  report(world, 1, { kind: 'drilled' })
  const counts = { participants: 3, live: 3, stored: 2, drilled: 1 }
  t.deepEqual(world.recoverability(), {
    level: 'degraded',
    epoch_id: 0,
    domains: [
      { domain_id: 0, reconstruction_threshold: 2, ...counts, level: 'degraded' },
      { domain_id: 1, reconstruction_threshold: 3, ...counts, level: 'degraded' },
    ],
    operators: {
      [operator(0)]: { live: true, stored_at: String(START), drilled_at: null },
      [operator(1)]: { live: true, stored_at: String(START + SECOND), drilled_at: String(START + SECOND) },
      [operator(2)]: { live: true, stored_at: null, drilled_at: null },
    },
  })
})

test('recoverability - should be healthy when everybody has drilled, and tell the later of two receipts', (t) => {
  const world = withSidecars()
  for (let i = 0; i < 3; i++) report(world, i, { kind: 'drilled' })
  t.is(world.recoverability().level, 'healthy')
  world.now += SECOND
  report(world, 2)
  const { stored_at, drilled_at } = world.recoverability().operators[operator(2)]
  t.deepEqual([stored_at, drilled_at], [String(START + SECOND), String(START)])
})

test('recoverability - should go recovering, critical, unavailable and back as nodes are lost', (t) => {
  const world = withSidecars(4, 3)
  for (let i = 0; i < 4; i++) report(world, i, { kind: 'drilled' })
  const levels = () => [world.recoverability().level, world.recoverability().domains[0].live]
  t.deepEqual(levels(), ['healthy', 4])
  recover(world, 0)
  t.deepEqual(levels(), ['recovering', 3])
  recover(world, 1)
  t.deepEqual(levels(), ['critical', 2])
  recover(world, 2)
  t.deepEqual(levels(), ['unavailable', 1])
  t.false(world.recoverability().operators[operator(2)].live)
  report(world, 2, { kind: 'drilled' })
  t.is(world.recoverability().domains[0].drilled, 4, 'whose node is lost may be backed up all the same')
  for (const i of [0, 1, 2]) conclude(world, i)
  t.deepEqual(levels(), ['healthy', 4])
})

test('recoverability - should be the worst of the domains', (t) => {
  const world = initializing([domain(0, 'Frost', 2), domain(1, 'CaitSith', 3)], 4, 3)
  generateKeys(world)
  recover(world, 0)
  t.deepEqual(
    world.recoverability().domains.map(({ level }: { level: string }) => level),
    ['recovering', 'critical'],
  )
  t.is(world.recoverability().level, 'critical')
})

test('recoverability - should be of the previous keys while more are generated, and of all of them afterwards', (t) => {
  const world = withSidecars()
  for (let i = 0; i < 3; i++) report(world, i, { kind: 'drilled' })
  const before = world.recoverability()
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2), domain(3)] })
  t.is(world.kind(), 'Initializing')
  t.deepEqual(world.recoverability(), before)
  t.is(report(world, 0).refused, null, 'a receipt of the previous keyset')
  generateKeys(world)
  const after = world.recoverability()
  t.is(after.level, 'degraded')
  t.deepEqual(
    after.domains.map(({ domain_id, stored }: { domain_id: number; stored: number }) => [domain_id, stored]),
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  )
  t.is(after.operators[operator(0)].stored_at, null)
  t.not(world.receipts()[operator(0)].stored, null, 'the old receipt is still shown')
})

test('recoverability - should be of what is agreed when a generation is given up half way', (t) => {
  const world = initializing([domain(0), domain(1)])
  t.deepEqual(world.recoverability().domains, [])
  const key_event_id = { epoch_id: 0, domain_id: 0, attempt_id: 0 }
  world.do(operator(0), 'start_keygen_instance', { key_event_id })
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_pk', { key_event_id, ...frostKey(2, 1) })
  t.deepEqual(world.recoverability().domains, [], 'nothing is live before the generation has ended')
  for (const i of [0, 1]) world.do(operator(i), 'vote_cancel_keygen', { next_domain_id: 2 })
  t.is(world.recoverability().domains.length, 1)
})

test('recoverability - should be healthy without keys, and say that somebody recovers', (t) => {
  const world = fresh()
  t.like(world.recoverability(), { level: 'healthy', epoch_id: 0, domains: [] })
  recover(world, 0)
  t.is(world.recoverability().level, 'recovering')
})

test('recoverability - should forget who leaves, also if it returns, and begin anew with every epoch', (t) => {
  const world = withSidecars(4, 3)
  for (let i = 0; i < 4; i++) report(world, i, { kind: 'drilled' })
  t.is(world.recoverability().level, 'healthy')
  resharing(world, { remove: [3] })
  t.is(world.recoverability().level, 'healthy', 'the previous keyset, with who takes part in it')
  t.is(report(world, 3).refused, null, 'who leaves still takes part')
  reshareKeys(world)
  t.like(world.recoverability(), { level: 'degraded', epoch_id: 1 })
  t.is(world.recoverability().domains[0].stored, 0)
  t.false(operator(3) in world.receipts())
  t.is(report(world, 3).code, 'NOT_PARTICIPANT')
  resharing(world, { add: [3] })
  reshareKeys(world)
  t.deepEqual(world.receipts()[operator(3)], { stored: null, drilled: null })
  t.is(report(world, 3).code, 'NO_BACKUP_SERVICE')
  t.not(world.receipts()[operator(0)].drilled, null, 'who stayed keeps the receipt of epoch 0 to show')
  t.is(world.recoverability().operators[operator(0)].drilled_at, null)
})

test('recoverability - should need what the new epoch needs', (t) => {
  const world = withSidecars(4, 3)
  resharing(world, { thresholds: { 0: 3 } })
  t.is(world.recoverability().domains[0].reconstruction_threshold, 2)
  reshareKeys(world)
  t.deepEqual(
    world.recoverability().domains.map(({ reconstruction_threshold: t }: { reconstruction_threshold: number }) => t),
    [3, 2],
  )
  recover(world, 0)
  t.is(world.recoverability().level, 'critical')
})

for (const [n, t, live, stored, drilled, level] of [
  [5, 3, 2, 5, 5, 'unavailable'],
  [5, 3, 0, 0, 0, 'unavailable'],
  [5, 3, 3, 5, 5, 'critical'],
  [5, 3, 4, 5, 5, 'recovering'],
  [5, 3, 4, 0, 0, 'recovering'],
  [5, 3, 5, 4, 4, 'degraded'],
  [5, 3, 5, 5, 4, 'degraded'],
  [5, 3, 5, 5, 5, 'healthy'],
  [3, 3, 3, 3, 3, 'healthy'],
  [3, 3, 3, 3, 2, 'degraded'],
  [3, 3, 2, 3, 3, 'unavailable'],
] as const) {
  test(`recoverability - should be ${level} with ${live} live, ${stored} stored, ${drilled} drilled of ${n}, t = ${t}`, (a) => {
    a.is(levelOf({ participants: n, live, stored, drilled }, t), level)
  })
}
