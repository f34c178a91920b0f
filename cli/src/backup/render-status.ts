import { styleText } from 'node:util'
import type { BackupStatus } from '@holdfast/backup-service/backup-status.ts'
import { NOT_PROVABLE, proofWords } from '@holdfast/backup-service/proof-words.ts'
import { backupOf } from '@holdfast/backup-service/status/status.ts'
import { isOutdated } from '@holdfast/backup-service/status/upkeep-verdict.ts'
import { ago } from '../terminal/age.ts'
import { counted } from '../terminal/plural.ts'
import { wrapText } from '../terminal/wrap.ts'

type Tone = 'green' | 'yellow' | 'red' | 'plain'
/** One line of the lower half: `worse` sorts it up. */
type Line = { name: string; text: string; tone: Tone }

const NARROWEST = 60
const WIDEST = 120
const NAME_WIDTH = 12
const RANK: Record<Tone, number> = { red: 0, yellow: 1, green: 2, plain: 3 }
const TONES = {
  healthy: 'green',
  waiting: 'plain',
  recovering: 'yellow',
  degraded: 'yellow',
  critical: 'red',
} as const satisfies Record<BackupStatus['level'], Tone>

/**
 * The status for a person: first what is safe and what to do, then what that rests on, the worst first. No line is longer than
 * `columns`, between 60 and 120.
 */
export function renderBackupStatus(status: BackupStatus, columns: number, nowMs: number): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, columns))
  const tone = TONES[status.level]
  const head = [
    `${coloured(status.level.toUpperCase(), tone, true)}  ${status.account_id} at ${status.contract_id}`,
    coloured(wrapText(sentence(status.summary), width, ''), tone),
  ]
  if (status.to_do !== null) head.push(wrapText(`To do: ${status.to_do}`, width, '       '))
  const lines = linesOf(status, nowMs).toSorted((a, b) => RANK[a.tone] - RANK[b.tone])
  return [...head, '', ...lines.map((line) => renderLine(line, width))].join('\n')
}

function linesOf(status: BackupStatus, nowMs: number): Line[] {
  return [
    serviceLine(status, nowMs),
    backupLine(status, nowMs),
    drillLine(status, nowMs),
    verificationLine(status, nowMs),
    receiptLine(status),
    networkLine(status),
    ...operatorsLine(status),
    chainLine(status, nowMs),
    alertsLine(status, nowMs),
    ...restoreLine(status, nowMs),
    ...errorLine(status, nowMs),
    ...damageLine(status, nowMs),
    ...repositoryLines(status),
  ]
}

function serviceLine({ running, updated_at }: BackupStatus, nowMs: number): Line {
  const text = `${running ? 'runs' : 'does not run'}, last word ${ago(updated_at, nowMs)}`
  return { name: 'service', text, tone: running ? 'green' : 'red' }
}

function backupLine({ live_keyset, covered, last_backup }: BackupStatus, nowMs: number): Line {
  const name = 'backup'
  if (live_keyset === null)
    return { name, text: 'nothing to back up: the network has no keys for this account', tone: 'plain' }
  const what = `${counted(live_keyset.domains.length, 'key')} of epoch ${live_keyset.epoch_id}`
  if (!covered || last_backup === null) return { name, text: `none of the ${what}`, tone: 'red' }
  return {
    name,
    text: `${what}, ${proofWords(last_backup.proved_genuine)}, stored ${ago(last_backup.verified_at, nowMs)}`,
    tone: 'green',
  }
}

function drillLine({ home, checks: { drill }, live_keyset }: BackupStatus, nowMs: number): Line {
  const name = 'drill'
  if (drill === null)
    return { name, text: `never restored for a trial; try: holdfast backup drill --home ${home}`, tone: 'yellow' }
  const when = ago(drill.at, nowMs)
  if (drill.keyset_digest !== live_keyset?.keyset_digest) {
    const result = drill.failure === null ? 'well' : 'failed'
    return { name, text: `not of these keys yet (of epoch ${drill.epoch_id}: ${result}, ${when})`, tone: 'yellow' }
  }
  if (drill.failure !== null) return { name, text: `FAILED ${when}: ${drill.failure.message}`, tone: 'red' }
  const proof = drill.proved_genuine === false ? `; ${NOT_PROVABLE}` : ''
  return { name, text: `restored in ${drill.seconds.toFixed(1)} s, ${when}${proof}`, tone: 'green' }
}

function verificationLine(status: BackupStatus, nowMs: number): Line {
  const { verification, drill } = status.checks
  const name = 'verification'
  if (verification === null)
    return {
      name,
      text: `not again since it was stored; the service does it daily, or: holdfast backup verify --all --home ${status.home}`,
      tone: 'yellow',
    }
  const { failures, snapshots, shares, at, live } = verification
  const when = ago(at, nowMs)
  const [failure] = failures
  if (failure !== undefined || live === 'failed' || live === 'missing') {
    const found = failure === undefined ? 'no snapshot of the live keys' : `${failure.file}: ${failure.message}`
    const more = failures.length > 1 ? `, and ${failures.length - 1} more` : ''
    const isOver = isOutdated(verification, drill, backupOf(status))
    const isGrave = (live === 'failed' || live === 'missing') && !isOver
    const since = isOver ? '; since then it was backed up or drilled anew' : ''
    return { name, text: `${when}, found: ${found}${more}${since}`, tone: isGrave ? 'red' : 'yellow' }
  }
  return {
    name,
    text: `${counted(snapshots, 'snapshot')} opened, ${counted(shares, 'share')} ${live === 'genuine' ? 'proved' : 'checked'}, ${when}`,
    tone: 'green',
  }
}

function receiptLine({ checks: { receipts }, live_keyset, takes_receipts }: BackupStatus): Line {
  const name = 'on chain'
  const current = [receipts.stored, receipts.drilled].filter(
    (receipt) => receipt !== null && receipt.keyset_digest === live_keyset?.keyset_digest,
  )
  const failure = current.find((receipt) => receipt?.outcome === 'failed')?.failure
  if (failure !== undefined && failure !== null) return { name, text: `not told: ${failure.message}`, tone: 'yellow' }
  if (current.some((receipt) => receipt?.outcome === 'unsupported'))
    return { name, text: 'this contract takes no receipts', tone: 'plain' }
  const told = (receipt: (typeof receipts)['stored']): boolean => current.includes(receipt) && receipt !== null
  if (told(receipts.drilled)) return { name, text: 'governance sees: stored, drilled', tone: 'green' }
  if (told(receipts.stored)) return { name, text: 'governance sees: stored', tone: 'green' }
  const text = takes_receipts ? 'no receipt for these keys yet' : 'the contract takes no receipts for these keys'
  return { name, text, tone: 'plain' }
}

function chainLine({ view, freshness, endpoints, registered }: BackupStatus, nowMs: number): Line {
  const name = 'chain'
  if (view === null) return { name, text: 'not read yet', tone: 'red' }
  const troubled = endpoints.filter(({ state }) => state !== 'well')
  const parts = [
    `block ${view.block_height}, ${ago(view.block_time, nowMs)}`,
    ...(freshness.grade === 'normal' ? [] : [`too old to act on (${freshness.grade})`]),
    `${endpoints.length - troubled.length} of ${counted(endpoints.length, 'endpoint')} well`,
    ...troubled.map(({ endpoint, state }) => `${endpoint} ${state}`),
    ...(registered ? [] : ['this service is not registered']),
  ]
  const tone = freshness.grade !== 'normal' || !registered ? 'red' : troubled.length > 0 ? 'yellow' : 'green'
  return { name, text: parts.join('; '), tone }
}

function networkLine({ network }: BackupStatus): Line {
  return { name: 'network', text: network ?? 'not known yet', tone: 'green' }
}

function operatorsLine({ recoverability }: BackupStatus): Line[] {
  if (recoverability === null) return []
  const { level, detail } = recoverability
  const tone = level === 'healthy' ? 'green' : level === 'critical' || level === 'unavailable' ? 'red' : 'yellow'
  return [{ name: 'operators', text: `${level}: ${detail}`, tone }]
}

function alertsLine({ notifications }: BackupStatus, nowMs: number): Line {
  const name = 'alerts'
  if (notifications.length === 0)
    return { name, text: 'nobody is told; add notifications to the config', tone: 'yellow' }
  const parts = notifications.map(({ name: target, failing, waiting, last_sent }) => {
    if (failing !== null)
      return `${target} not reached since ${ago(failing.since, nowMs)}, ${counted(waiting, 'message')} waiting: ${failing.reason}`
    return last_sent === null ? `${target} not needed yet` : `${target} told ${ago(last_sent, nowMs)}`
  })
  return {
    name,
    text: parts.join('; '),
    tone: notifications.some(({ failing }) => failing !== null) ? 'yellow' : 'green',
  }
}

function restoreLine({ last_restore }: BackupStatus, nowMs: number): Line[] {
  if (last_restore === null) return []
  const { destination_tls_public_key: key, delivered_at, concluded } = last_restore
  const text = `to ${key.slice(0, 20)}…, ${ago(delivered_at, nowMs)}, ${concluded ? 'concluded' : 'not concluded'}`
  return [{ name: 'last restore', text, tone: concluded ? 'plain' : 'yellow' }]
}

function errorLine({ last_error }: BackupStatus, nowMs: number): Line[] {
  if (last_error === null || last_error.resolved) return []
  const { message, code, at, times } = last_error
  const often = times > 1 ? ` (${times} times)` : ''
  return [{ name: 'last error', text: `${ago(at, nowMs)}${often}: ${message} (${code})`, tone: 'yellow' }]
}

/** What was put right leaves no other trace, and a disk that damages files does it again. */
function damageLine({ incidents }: BackupStatus, nowMs: number): Line[] {
  const lately = incidents.filter(({ at }) => nowMs - Date.parse(at) < DAY_MS)
  const newest = lately.at(-1)
  if (newest === undefined) return []
  const { kind, file, place, mended, at } = newest
  const before = lately.length > 1 ? `, the newest of ${lately.length} within a day` : ''
  const text = `${ago(at, nowMs)}${before}: ${kind}: ${file} in ${place}, ${mended ? 'put right' : 'not put right'}`
  return [{ name: 'damage', text, tone: 'yellow' }]
}

const DAY_MS = 86_400_000

function repositoryLines({ snapshots, damaged, places, last_backup }: BackupStatus): Line[] {
  const troubled = places.flatMap(({ place, state, reason }) =>
    state === 'ok' ? [] : [{ place, reason: reason ?? 'no reason given', text: `${place} ${PLACE_WORDS[state]}` }],
  )
  // What a place is in trouble for is said there.
  const [first, ...more] = damaged.filter(
    ({ place, file }) => !troubled.some((each) => each.place === place && each.reason.startsWith(file)),
  )
  const holders = last_backup?.places.length ?? places.length
  const held =
    holders === places.length
      ? `${counted(snapshots, 'snapshot')} in ${counted(places.length, 'place')}`
      : `${counted(snapshots, 'snapshot')}; the newest is whole in ${holders} of ${counted(places.length, 'place')}`
  const found =
    first === undefined
      ? ''
      : `; look at ${first.file} (${first.place}): ${first.reason}${more.length > 0 ? `, and ${more.length} more` : ''}`
  return [
    ...troubled.map(({ text, reason }): Line => ({ name: 'place', text: `${text}: ${reason}`, tone: 'yellow' })),
    {
      name: 'repository',
      text: held + found,
      tone: first === undefined && holders === places.length ? 'plain' : 'yellow',
    },
  ]
}

const PLACE_WORDS = { behind: 'is not complete', failed: 'is in trouble' }

function renderLine({ name, text, tone }: Line, width: number): string {
  const label = `  ${name.padEnd(NAME_WIDTH)}  `
  // Beside the level, only what is not well is worth a colour.
  return wrapText(text, width - label.length, '')
    .split('\n')
    .map((line, place) => (place === 0 ? label : ' '.repeat(label.length)) + line)
    .map((line) => coloured(line, tone === 'green' ? 'plain' : tone))
    .join('\n')
}

function coloured(text: string, tone: Tone, bold = false): string {
  const styled = tone === 'plain' ? text : styleText(tone, text)
  return bold ? styleText('bold', styled) : styled
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
