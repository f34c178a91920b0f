import { styleText } from 'node:util'
import { renderTable } from '../terminal/table.ts'
import { printableIn } from '@holdfast/protocol/printable.ts'
import type { Level } from '@holdfast/protocol/recoverability.ts'
import { ago } from '../terminal/age.ts'
import type { KeyStatus, NetworkStatus, OperatorStatus, UpdateStatus } from './network-status.ts'

const WHAT_IS_COUNTED =
  'Live is who takes part and is not recovering; whether its node runs, only that knows (node status). Stored and drilled is\n' +
  'what the backup services have told the contract about these very keys.'

/** The status for a person, without escapes, whatever the contract says. `nowMs`: milliseconds since the epoch. */
export function renderStatus(found: NetworkStatus, contractId: string, nowMs: number): string {
  const status = printableIn(found)
  const parts = [
    `${styleText('bold', contractId)}  ${colouredState(status.state)}${epoch(status)}, block ${status.block_height} of ${status.block_time}`,
  ]
  const { key_event: event } = status
  if (event !== null) {
    const attempt = event.attempt_id === null ? 'waits for its leader' : `attempt ${event.attempt_id}`
    parts.push(`key ${event.domain_id} under way: ${attempt}, ${event.completed} of ${event.participants} are done`)
  }
  if (status.state === 'NotInitialized')
    parts.push('Its account must call init with the first participants: holdfast deploy --help')
  if (status.level !== null) parts.push(levelLine(status.level))
  if (status.keys.length > 0) parts.push('', keyTable(status.keys, status.operators.length), WHAT_IS_COUNTED)
  if (status.operators.length > 0) parts.push('', operatorTable(status.operators, nowMs))
  const moves = status.operators.flatMap((each) => moveLine(each, status.state))
  if (moves.length > 0) parts.push('', ...moves)
  for (const update of status.updates) parts.push('', updateLine(update))
  if (status.state !== 'NotInitialized') parts.push(...contractKeyLines(status, contractId))
  return parts.join('\n')
}

function epoch({ epoch_id, governance_threshold, operators }: NetworkStatus): string {
  return epoch_id === null ? '' : `, epoch ${epoch_id}, ${governance_threshold} of ${operators.length} govern`
}

function colouredState(state: NetworkStatus['state']): string {
  switch (state) {
    case 'Running':
      return styleText('green', state)
    case 'NotInitialized':
    case 'Initializing':
    case 'Resharing':
    case 'Recovery':
      return styleText('yellow', state)
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}

/** What the network's level means, and what to do about it. */
function levelLine(level: Level): string {
  switch (level) {
    case 'healthy':
      return `${coloured(level)}: every operator is live and has shown that its share can be restored`
    case 'degraded':
      return `${coloured(level)}: every operator is live, but not every share is backed up, or no restore of it was rehearsed`
    case 'recovering':
      return `${coloured(level)}: a lost node is being replaced; the others sign`
    case 'critical':
      return `${coloured(level)}: one more lost node stops a key; bring the missing ones back, or reshare without them`
    case 'unavailable':
      return `${coloured(level)}: too few nodes for a key; nothing can be signed with it until nodes are recovered`
    default:
      level satisfies never
      throw new TypeError('unknown level')
  }
}

function coloured(level: Level): string {
  const colour = {
    healthy: 'green',
    degraded: 'yellow',
    recovering: 'yellow',
    critical: 'red',
    unavailable: 'red',
  } as const
  return styleText(colour[level], level)
}

function keyTable(keys: KeyStatus[], participants: number): string {
  const rows = keys.map((key) => [
    String(key.domain_id),
    key.can_sign ? `${key.live} of ${participants}` : styleText('red', `${key.live} of ${participants}`),
    String(key.reconstruction_threshold),
    enough(key.stored, key),
    enough(key.drilled, key),
    key.level === null ? 'not said' : coloured(key.level),
    key.public_key,
  ])
  return renderTable(['key', 'live', 'needed', 'stored', 'drilled', 'level', 'public key'], rows)
}

/** Fewer than sign are too few to restore the key after the loss of every machine. */
function enough(count: number | null, { reconstruction_threshold }: KeyStatus): string {
  if (count === null) return 'not said'
  return count >= reconstruction_threshold ? String(count) : styleText('red', String(count))
}

function operatorTable(operators: OperatorStatus[], nowMs: number): string {
  const rows = operators.map((each) => [
    each.account_id,
    each.recovery === null
      ? styleText('green', each.condition)
      : styleText(
          'yellow',
          `recovering until ${each.recovery.expires_at}${each.recovery.delivered ? ', delivered' : ''}`,
        ),
    each.recovery?.destination_url ?? each.url,
    String(each.incarnation),
    each.backup_service === null ? styleText('red', 'none') : `${each.backup_service.slice(0, 16)}…`,
    each.stored_at === null ? styleText('red', 'never') : ago(each.stored_at, nowMs),
    each.drilled_at === null ? styleText('yellow', 'never') : ago(each.drilled_at, nowMs),
  ])
  return renderTable(['operator', 'condition', 'node', 'nodes before', 'backup service', 'stored', 'drilled'], rows)
}

function moveLine({ account_id, planned_move, url }: OperatorStatus, state: NetworkStatus['state']): string[] {
  if (planned_move === null) return []
  const { destination_url, destination_tls_key } = planned_move
  const waits = state === 'Running' ? '' : `; nothing is concluded in ${state}`
  return [
    `planned move of ${account_id} from ${url} to ${destination_url}, TLS key ${destination_tls_key}; the present node goes on ` +
      `until the new one has concluded${waits}`,
  ]
}

/** The contract's account should be able to do nothing by itself: what replaces the code is the vote. */
function contractKeyLines(
  { contract_full_access_keys: keys, contract_keys_unknown: unknown }: NetworkStatus,
  contractId: string,
): string[] {
  if (keys === null) return ['', `whether ${contractId} has a full-access key is not known: ${unknown}`]
  if (keys.length === 0) return []
  return [
    '',
    `${styleText('red', 'warning for governance')}: ${contractId} has ${keys.length} full-access key(s): ${keys.join(', ')}; whoever ` +
      'holds one can replace the contract without a vote, and take the keys with it. Its owner deletes them all: ' +
      `near account delete-keys ${contractId} public-keys ${keys.join(',')}`,
  ]
}

function updateLine({ code_hash, voters, votes_needed }: UpdateStatus): string {
  const ready = voters.length >= votes_needed ? '; anyone may deploy it: holdfast deploy-update' : ''
  return `update ${code_hash}: ${voters.length} of ${votes_needed} votes (${voters.join(', ')})${ready}`
}
