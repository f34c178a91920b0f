import type { Json } from '../../../protocol/src/json.ts'
import type { Code } from './codes.ts'
import { initialize } from './init.ts'
import { authorizeNode, revokeNodeAuthorization } from './methods/authorizations.ts'
import { registerBackupService } from './methods/backup-services.ts'
import { submitParticipantInfo } from './methods/candidates.ts'
import { voteAddDomains, voteCancelKeygen } from './methods/domains.ts'
import { startKeygenInstance, startReshareInstance, voteAbortKeyEventInstance, votePk } from './methods/key-events.ts'
import {
  cancelNodeMigration,
  concludeNodeMigration,
  startNodeMigration,
  updateParticipantUrl,
} from './methods/migration.ts'
import { reportBackup } from './methods/receipts.ts'
import {
  cancelRecovery,
  concludeRecovery,
  confirmShareDelivery,
  expireRecoveries,
  submitParticipantRecoveryInfo,
  sweep,
} from './methods/recovery.ts'
import { voteCancelResharing, voteNewParameters, voteReshared } from './methods/resharing.ts'
import { deployUpdate, migrate, proposeUpdate, voteUpdate } from './methods/updates.ts'
import type { Model } from './model.ts'
import { broken, nothing, type By, type Event, type Method } from './ruling.ts'

const METHODS = {
  vote_add_domains: voteAddDomains,
  vote_cancel_keygen: voteCancelKeygen,
  start_keygen_instance: startKeygenInstance,
  vote_pk: votePk,
  vote_new_parameters: voteNewParameters,
  start_reshare_instance: startReshareInstance,
  vote_reshared: voteReshared,
  vote_cancel_resharing: voteCancelResharing,
  vote_abort_key_event_instance: voteAbortKeyEventInstance,
  submit_participant_info: submitParticipantInfo,
  register_backup_service: registerBackupService,
  report_backup: reportBackup,
  authorize_node: authorizeNode,
  revoke_node_authorization: revokeNodeAuthorization,
  submit_participant_recovery_info: submitParticipantRecoveryInfo,
  confirm_share_delivery: confirmShareDelivery,
  conclude_recovery: concludeRecovery,
  cancel_recovery: cancelRecovery,
  expire_recoveries: expireRecoveries,
  start_node_migration: startNodeMigration,
  cancel_node_migration: cancelNodeMigration,
  conclude_node_migration: concludeNodeMigration,
  update_participant_url: updateParticipantUrl,
  propose_update: proposeUpdate,
  vote_update: voteUpdate,
  deploy_update: deployUpdate,
  migrate,
} as const

/** Those that only an operator's full-access key may call, and that give back what exceeds 1 yoctoNEAR. */
const PAYABLE: ReadonlySet<MethodName> = new Set([
  'register_backup_service',
  'authorize_node',
  'revoke_node_authorization',
  'submit_participant_recovery_info',
  'cancel_recovery',
  'start_node_migration',
  'cancel_node_migration',
  'update_participant_url',
])

export type MethodName = keyof typeof METHODS | 'init'
export const METHOD_NAMES = ['init', ...Object.keys(METHODS)] as readonly MethodName[]

export interface Call extends By {
  readonly method: MethodName
  /** Well formed for the method; integers are bigints. */
  readonly args: Json
  /** Who signed, if another contract makes the call. */
  readonly through?: string
  /** The arguments are sent damaged, so that this is a reason to refuse them. */
  readonly damage?: 'MISSING_ARGUMENT' | 'UNKNOWN_ARGUMENT' | 'INVALID_ARGUMENT'
}

export type Answer =
  /** Any of these codes may be named. */
  | { readonly kind: 'refused'; readonly codes: ReadonlySet<Code> }
  | { readonly kind: 'done'; readonly model: Model; readonly events: readonly Event[]; readonly refund: bigint }

/** What the contract must answer to a call, and what is then. null: before `init`. */
export function execute(model: Model | null, call: Call): Answer {
  const { method, deposit, account, now } = call
  const atTheDoor = broken(
    [deposit > 0n && !PAYABLE.has(method), 'NOT_PAYABLE'],
    [call.through !== undefined && method !== 'migrate', 'NOT_DIRECT_CALL'],
    [call.damage === 'MISSING_ARGUMENT', 'MISSING_ARGUMENT'],
    [call.damage === 'UNKNOWN_ARGUMENT', 'UNKNOWN_ARGUMENT'],
    [call.damage === 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
    [model === null && method !== 'init', 'NOT_INITIALIZED'],
  )
  if (method === 'init') {
    const ruling = initialize(model, call, call.args as never)
    return answer(atTheDoor, ruling, [], 0n)
  }
  if (model === null) return { kind: 'refused', codes: atTheDoor }
  // Whoever signed a deployment, its migration is the contract's own call.
  const by = method === 'migrate' ? { ...call, account: call.through ?? account } : call
  // Which version of the state it meets, a migration does not know yet.
  const swept = method === 'migrate' ? nothing(model) : sweep(model, by.account, now)
  const rules = METHODS[method] as Method<never>
  return answer(atTheDoor, rules(swept.model, by, call.args as never), swept.events, deposit > 1n ? deposit - 1n : 0n)
}

function answer(
  atTheDoor: ReadonlySet<Code>,
  ruling: ReturnType<Method<never>>,
  before: readonly Event[],
  refund: bigint,
): Answer {
  const codes = new Set([...atTheDoor, ...ruling.refused])
  if (codes.size > 0) return { kind: 'refused', codes }
  const { model, events } = ruling.then()
  return { kind: 'done', model, events: [...before, ...events], refund }
}
