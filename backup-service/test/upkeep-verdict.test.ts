import test from 'ava'
import { upkeepVerdict } from '../src/status/upkeep-verdict.ts'
import { assess } from '../src/status/status.ts'
import { NO_CHECKS, type Checks } from '../src/upkeep/checks.ts'
import { goodFacts } from './support/good-facts.ts'

const DIGEST = goodFacts.live_keyset?.keyset_digest ?? ''
const AT = '2026-11-21T00:00:00.000Z'
const failure = { code: 'X', message: 'it is broken' }
const drill: NonNullable<Checks['drill']> = {
  at: AT,
  seconds: 1,
  epoch_id: 5n,
  keyset_digest: DIGEST,
  file: 'f.age',
  ciphertext_sha256: 'c',
  shares: 1,
  proved_genuine: true,
  failure: null,
}
const verification: NonNullable<Checks['verification']> = {
  at: AT,
  seconds: 1,
  scope: 'all',
  keyset_digest: DIGEST,
  epoch_id: 5n,
  live: 'genuine',
  snapshots: 1,
  shares: 1,
  failures: [],
}
const receipt = { at: AT, keyset_digest: DIGEST, ciphertext_sha256: 'c', outcome: 'failed' as const, failure }

const verdict = test.macro<[Partial<Checks>, 'healthy' | 'degraded' | 'critical', RegExp]>((t, checks, level, says) => {
  const facts = { ...goodFacts, checks: { ...NO_CHECKS, ...checks } }
  const { level: found, summary, to_do } = assess(facts)
  t.is(found, level)
  t.regex(`${summary} ${to_do}`, says)
})

test(
  'a backup that was drilled - should be said to have been restored',
  verdict,
  { drill },
  'healthy',
  /restored in a drill/,
)
test(
  'a drill that failed - should outrank a good backup and a good verification',
  verdict,
  { drill: { ...drill, failure }, verification },
  'critical',
  /could not restore them.*it is broken.*holdfast backup drill --home \/var/,
)
test(
  'a failed drill of an earlier keyset - should say nothing of this one',
  verdict,
  { drill: { ...drill, keyset_digest: 'earlier', failure } },
  'healthy',
  /backed up and verified null$/,
)
test(
  'a verification that could not use the live snapshot - should outrank the backup',
  verdict,
  { verification: { ...verification, live: 'failed', failures: [{ file: 'f.age', ...failure }] } },
  'critical',
  /found no snapshot.*it is broken/,
)
const later = '2026-11-21T00:00:01.000Z'
const missing = { ...verification, live: 'missing' as const }
test(
  'a verification that found nothing - should count until a drill has succeeded since',
  verdict,
  { verification: missing, drill: { ...drill, at: later } },
  'healthy',
  /restored in a drill/,
)
test(
  'a drill before the verification that found nothing - should not outweigh it',
  verdict,
  { verification: { ...missing, at: later }, drill },
  'critical',
  /found no snapshot/,
)
test('a verification that found nothing - should count until a newer backup was stored', (t) => {
  const checks = { ...NO_CHECKS, verification: missing }
  const last_backup = goodFacts.last_backup && { ...goodFacts.last_backup, keyset_digest: DIGEST, verified_at: AT }
  t.is(assess({ ...goodFacts, checks, last_backup }).level, 'critical')
  t.is(
    assess({ ...goodFacts, checks, last_backup: last_backup && { ...last_backup, verified_at: later } }).level,
    'healthy',
  )
})
test(
  'a verification that found an old snapshot broken - should be a concern',
  verdict,
  { verification: { ...verification, failures: [{ file: 'old.age', ...failure }] } },
  'degraded',
  /old\.age/,
)
test(
  'a contract that could not be told - should be a concern',
  verdict,
  { receipts: { stored: receipt, drilled: null } },
  'degraded',
  /not told.*it is broken/,
)
test(
  'a contract without receipts - should be none',
  verdict,
  { receipts: { stored: { ...receipt, outcome: 'unsupported', failure: null }, drilled: null } },
  'healthy',
  /backed up/,
)

test('no check yet - should be sound, and not drilled', (t) => {
  t.deepEqual(upkeepVerdict(NO_CHECKS, { home: '', keysetDigest: DIGEST, storedAt: null }), {
    kind: 'sound',
    drilled: false,
  })
})
