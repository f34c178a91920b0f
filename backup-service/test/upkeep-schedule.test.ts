import test from 'ava'
import { NO_CHECKS, type Checks, type Drill, type Receipt, type Verification } from '../src/upkeep/checks.ts'
import {
  DRILL_SETTLE_MS,
  nextDue,
  REPORT_RETRY_MS,
  REPORT_SETTLE_MS,
  RETRY_MS,
  type Subject,
} from '../src/upkeep/schedule.ts'

const T = Date.parse('2026-11-21T00:00:00.000Z')
const HOUR = 3_600_000
const intervals = { verifyMs: 24 * HOUR, drillMs: 168 * HOUR }
const subject: Subject = { keysetDigest: 'd', ciphertextSha256: 'c', takesReceipts: true, sinceMs: T }

const failure = { code: 'X', message: 'x' }
const verification = (hoursAgo: number, changes: Partial<Verification> = {}): Verification => ({
  at: new Date(T - hoursAgo * HOUR).toISOString(),
  seconds: 1,
  scope: 'all',
  keyset_digest: 'd',
  epoch_id: 5n,
  live: 'genuine',
  snapshots: 1,
  shares: 2,
  failures: [],
  ...changes,
})
const drill = (hoursAgo: number, changes: Partial<Drill> = {}): Drill => ({
  at: new Date(T - hoursAgo * HOUR).toISOString(),
  seconds: 1,
  epoch_id: 5n,
  keyset_digest: 'd',
  file: 'f',
  ciphertext_sha256: 'c',
  shares: 2,
  proved_genuine: true,
  failure: null,
  ...changes,
})
const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  at: new Date(T).toISOString(),
  keyset_digest: 'd',
  ciphertext_sha256: 'c',
  outcome: 'recorded',
  failure: null,
  ...changes,
})
const told = (stored: Receipt = receipt()): Checks['receipts'] => ({ stored, drilled: null })
const done: Checks = { ...NO_CHECKS, receipts: told(), verification: verification(0), drill: drill(0) }

type Expected = [kind: 'report' | 'drill' | 'verify', afterMs: number]
const due = test.macro<[Checks, Expected, Subject?, number?]>(
  (t, checks, expected, of = subject, failedAtMs = -Infinity) => {
    const { task, atMs } = nextDue(of, checks, intervals, failedAtMs)
    t.deepEqual([task.kind, atMs - T], expected)
  },
)

test('a new backup - should first be reported, when the keyset has settled', due, NO_CHECKS, [
  'report',
  REPORT_SETTLE_MS,
])
test(
  'a reported keyset that was never restored for a trial - should be drilled within minutes, not within a week',
  due,
  { ...NO_CHECKS, receipts: told() },
  ['drill', DRILL_SETTLE_MS],
)
test('a drilled keyset - should be verified when the interval is over', due, done, ['verify', 24 * HOUR])
test('a drill of another keyset - should not count', due, { ...done, drill: drill(0, { keyset_digest: 'older' }) }, [
  'drill',
  DRILL_SETTLE_MS,
])
test(
  'a drill of another snapshot of the keyset - should not count',
  due,
  { ...done, drill: drill(0, { ciphertext_sha256: 'other' }) },
  ['drill', DRILL_SETTLE_MS],
)
test(
  'a drill that is a week old - should be repeated',
  due,
  { ...done, verification: verification(0), drill: drill(150) },
  ['drill', 18 * HOUR],
)
test('a drill that failed - should be repeated within an hour', due, { ...done, drill: drill(0, { failure }) }, [
  'drill',
  RETRY_MS,
])
test(
  'a verification with a failure - should be repeated within an hour',
  due,
  { ...done, verification: verification(0, { failures: [{ file: 'f', ...failure }] }) },
  ['verify', RETRY_MS],
)
test(
  'a verification that found no snapshot of what is live - should be repeated within an hour',
  due,
  { ...done, verification: verification(0, { live: 'missing' }) },
  ['verify', RETRY_MS],
)
test(
  "a person's look at the live snapshot only - should not stand for the daily look at all",
  due,
  { ...done, verification: verification(0, { scope: 'live' }) },
  ['verify', RETRY_MS],
)
test(
  'a receipt that could not be reported - should be tried again',
  due,
  { ...done, receipts: told(receipt({ outcome: 'failed', failure })) },
  ['report', REPORT_RETRY_MS],
)
test(
  'a contract without receipts - should be asked again after a day, and hold nothing up',
  due,
  { ...done, drill: drill(168), receipts: told(receipt({ outcome: 'unsupported' })) },
  ['drill', DRILL_SETTLE_MS],
)
test(
  'keys that are still being generated - should not be reported: the contract counts the keyset before',
  due,
  NO_CHECKS,
  ['drill', DRILL_SETTLE_MS],
  { ...subject, takesReceipts: false },
)
test(
  'a drill that could not even be tried - should not be tried again at once',
  due,
  { ...NO_CHECKS, receipts: told() },
  ['drill', 30_000 + RETRY_MS],
  subject,
  T + 30_000,
)
