import { authorizeNode, revokeNodeAuthorization } from '../../src/authorization.ts'
import { registerBackupService } from '../../src/backup-services.ts'
import { submitParticipantInfo } from '../../src/candidates.ts'
import type { Handler } from '../../src/execute.ts'
import { startKeygenInstance, voteCancelKeygen, votePk } from '../../src/initializing.ts'
import { voteAbortKeyEventInstance } from '../../src/key-event-abort.ts'
import {
  cancelNodeMigration,
  concludeNodeMigration,
  startNodeMigration,
  updateParticipantUrl,
} from '../../src/migration.ts'
import { reportBackup } from '../../src/report-backup.ts'
import { voteNewParameters } from '../../src/new-parameters.ts'
import {
  cancelRecovery,
  concludeRecovery,
  confirmShareDelivery,
  expireRecoveries,
  submitParticipantRecoveryInfo,
} from '../../src/recovery.ts'
import { startReshareInstance, voteCancelResharing, voteReshared } from '../../src/resharing.ts'
import { voteAddDomains } from '../../src/running.ts'

import { deployUpdate, proposeUpdate, voteUpdate } from '../../src/updates.ts'

/** The change methods under the names they have on the chain. */
export const METHODS = {
  vote_add_domains: voteAddDomains,
  start_keygen_instance: startKeygenInstance,
  vote_pk: votePk,
  vote_abort_key_event_instance: voteAbortKeyEventInstance,
  vote_cancel_keygen: voteCancelKeygen,
  vote_new_parameters: voteNewParameters,
  start_reshare_instance: startReshareInstance,
  vote_reshared: voteReshared,
  vote_cancel_resharing: voteCancelResharing,
  submit_participant_info: submitParticipantInfo,
  register_backup_service: registerBackupService,
  authorize_node: authorizeNode,
  revoke_node_authorization: revokeNodeAuthorization,
  submit_participant_recovery_info: submitParticipantRecoveryInfo,
  confirm_share_delivery: confirmShareDelivery,
  report_backup: reportBackup,
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
} satisfies Record<string, Handler>

export type MethodName = keyof typeof METHODS
