import { styleText } from 'node:util'
import { renderTable } from '../terminal/table.ts'
import type { KeyStatus, NetworkStatus, OperatorStatus } from './network-status.ts'

const NAMED_IS_NOT_RUNNING =
  'This is who is named; whether a node runs, and a service holds its share, only they know (node status, backup status).'

/** The status for a person. */
export function renderStatus(status: NetworkStatus, contractId: string): string {
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
  if (status.keys.length > 0) parts.push('', keyTable(status.keys), NAMED_IS_NOT_RUNNING)
  if (status.operators.length > 0) parts.push('', operatorTable(status.operators))
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

function keyTable(keys: KeyStatus[]): string {
  const rows = keys.map((key) => [
    String(key.domain_id),
    `${key.live} named, ${key.reconstruction_threshold} sign`,
    yesNo(key.can_sign),
    backupServices(key),
    key.public_key,
  ])
  return renderTable(['key', 'shares', 'may sign', 'backup services registered', 'public key'], rows)
}

function operatorTable(operators: OperatorStatus[]): string {
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
  ])
  return renderTable(['operator', 'condition', 'node', 'machines lost', 'backup service'], rows)
}

function backupServices({
  with_backup_service: registered,
  reconstruction_threshold,
  enough_backup_services,
}: KeyStatus): string {
  const text = `${registered}, ${reconstruction_threshold} needed after a total loss`
  return enough_backup_services ? text : styleText('red', text)
}

function yesNo(yes: boolean): string {
  return yes ? styleText('green', 'yes') : styleText('red', 'no')
}
