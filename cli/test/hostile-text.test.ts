/** What a contract, an endpoint or a file says reaches a terminal as text alone. Fails where a view lets an escape through. */
import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import type { Contents } from '@holdfast/backup-service/repository/repository.ts'
import { NO_CHECKS, type Drill, type Verification } from '@holdfast/backup-service/upkeep/checks.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { renderContents } from '../src/backup/render-contents.ts'
import { renderDrill } from '../src/backup/render-drill.ts'
import { renderPrune } from '../src/backup/render-prune.ts'
import { renderVerification } from '../src/backup/render-verification.ts'
import type { NetworkStatus } from '../src/network-status/network-status.ts'
import { renderStatus } from '../src/network-status/render-status.ts'
import { runOperatorCommand } from '../src/operator/run-operator-command.ts'
import { renderFacts } from '../src/terminal/facts.ts'

/** Retitles the window in the one-byte form, and reverses what follows: JSON writes neither as an escape. */
const HOSTILE = 'a\u009d0;owned\u009c\u202eb'
/** As `HOSTILE`, with the sequence that Node's own stripping would take for a colour of ours. */
const COLOURED = `\u001b[32m${HOSTILE}`
const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}]/u
const KEY = 'ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp'
const NOW = Date.UTC(2026, 10, 21, 12)

const operator: NetworkStatus['operators'][number] = {
  account_id: 'a.near',
  participant_id: 0,
  condition: 'active',
  url: `http://${COLOURED}`,
  incarnation: 0,
  tls_public_key: KEY,
  backup_service: null,
  stored_at: null,
  drilled_at: null,
  recovery: null,
  planned_move: { destination_url: COLOURED, destination_tls_key: KEY },
} as never
const status = {
  state: 'Running',
  block_height: 1,
  block_time: COLOURED,
  epoch_id: 1,
  governance_threshold: 1,
  key_event: null,
  level: null,
  keys: [],
  operators: [operator],
  updates: [{ code_hash: 'c', voters: [COLOURED], votes_needed: 1 }],
  contract_full_access_keys: null,
  contract_keys_unknown: COLOURED,
} as unknown as NetworkStatus
const failure = { code: 'MADE_UP', message: COLOURED }
const drill = { seconds: 1, epoch_id: 1n, keyset_digest: '', ciphertext_sha256: '', failure } as Drill
const verification = {
  live: 'failed',
  epoch_id: 1n,
  snapshots: 1,
  shares: 1,
  seconds: 1,
  failures: [{ file: 'f', ...failure }],
}
const contents = {
  snapshots: [],
  places: [{ place: COLOURED, state: 'ok', sinceMs: NOW, checkedAtMs: NOW, reason: COLOURED }],
  damaged: [],
}

const views: [string, () => string][] = [
  ['the status of the network', () => renderStatus(status, 'mpc.near', NOW)],
  ['facts', () => renderFacts({ incidents: [{ reason: COLOURED }], [COLOURED]: [COLOURED] })],
  ['facts out of JSON', () => renderFacts(parseJson(JSON.stringify({ phase: { url: COLOURED } }), 'it') as object)],
  ['what a repository holds', () => renderContents(contents as unknown as Contents, 100, NOW)],
  ['a verification', () => renderVerification(verification as Verification)],
  ['a drill', () => renderDrill(drill, NO_CHECKS.receipts)],
  [
    'a pruning',
    () => renderPrune({ dry_run: false, live_epoch_id: 1n, snapshots: [], destroyed: [], unfinished: [COLOURED] }),
  ],
]

for (const [title, render] of views) {
  test(`${title} - should reach a terminal as text alone`, (t) => {
    const text = render()
    t.true(text.includes('<1b>[32ma<9d>0;owned<9c><202e>b'), text)
    t.notRegex(stripVTControlCharacters(text), CONTROLS)
  })
}

test.serial('a command of near-cli for what the contract says - should reach a terminal as text alone', async (t) => {
  const said: string[] = []
  const { log } = console
  console.log = (text: string) => void said.push(text)
  t.teardown(() => (console.log = log))
  const target = { accountId: 'a.near', contractId: 'mpc.near', rpcUrls: [], network: 'testnet' }
  const args = { url: HOSTILE }
  const action = { kind: 'call', method: 'm', args, depositYocto: 0n } as const
  await runOperatorCommand({ dryRun: true }, target, [action], '')
  t.is(said.length, 1)
  t.regex(said[0] ?? '', /a<9d>0;owned<9c><202e>b/)
  t.notRegex(said[0] ?? '', CONTROLS)
})
