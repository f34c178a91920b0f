import test from 'ava'
import { backupReport, parseBackupReceipts, parseRecoverability } from '../src/recoverability.ts'
import { stringifyJson } from '../src/json.ts'

const HASH = 'ab'.repeat(32)
const receipt = { epoch_id: 5, keyset_digest: HASH, ciphertext_sha256: HASH, kind: 'stored', at: '1700000000000000000' }
const domain = {
  domain_id: 0,
  reconstruction_threshold: 2,
  participants: 3,
  live: 3,
  stored: 1,
  drilled: 0,
  level: 'degraded',
}
const operators = { 'a.near': { live: true, stored_at: '1700000000000000001', drilled_at: null } }

test('recoverability - should read both views with every integer exact', (t) => {
  t.deepEqual(parseBackupReceipts({ 'a.near': { stored: { ...receipt, epoch_id: 2n ** 63n }, drilled: null } }), {
    'a.near': { stored: { ...receipt, kind: 'stored', epoch_id: 2n ** 63n, at: 1700000000000000000n }, drilled: null },
  })
  const view = parseRecoverability({ level: 'degraded', epoch_id: 5, domains: [domain], operators })
  t.is(view.domains[0]?.domain_id, 0n)
  t.is(view.operators['a.near']?.stored_at, 1700000000000000001n)
})

test('recoverability - should refuse what the contract cannot have said', (t) => {
  for (const wrong of [{ kind: 'exported' }, { keyset_digest: 'AB'.repeat(32) }, { at: 1 }, { epoch_id: -1 }]) {
    const json = { 'a.near': { stored: { ...receipt, ...wrong }, drilled: null } }
    t.throws(() => parseBackupReceipts(json), { code: 'INVALID_STATE' }, JSON.stringify(wrong))
  }
  const unknown = { level: 'fine', epoch_id: 5, domains: [], operators: {} }
  t.throws(() => parseRecoverability(unknown), { code: 'INVALID_STATE', message: /at level/ })
})

test('recoverability - should write a report with the epoch digit for digit', (t) => {
  const report = backupReport({ epoch_id: 2n ** 64n - 1n, domains: [] }, 'drilled', HASH)
  t.is(report.receipt.kind, 'drilled')
  t.regex(stringifyJson(report), /"epoch_id":18446744073709551615,"keyset_digest":"[0-9a-f]{64}"/)
})
