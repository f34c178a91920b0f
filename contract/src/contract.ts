import { call, decode, encode, near, NearBindgen, view } from 'near-sdk-js'
import { authorizeNode, revokeNodeAuthorization } from './authorization.ts'
import { registerBackupService } from './backup-services.ts'
import { submitParticipantInfo } from './candidates.ts'
import { executeChange, executeInit, type Handler } from './execute.ts'
import { initialize } from './init.ts'
import { startKeygenInstance, voteCancelKeygen, votePk } from './initializing.ts'
import { voteAbortKeyEventInstance } from './key-event-abort.ts'
import { Ledger } from './ledger.ts'
import { migrate as migrateState } from './migrate.ts'
import { cancelNodeMigration, concludeNodeMigration, startNodeMigration, updateParticipantUrl } from './migration.ts'
import { nearChain, sourceMetadataText } from './near-chain.ts'
import { reportBackup } from './report-backup.ts'
import { backupReceiptsText, recoverabilityText } from './recoverability.ts'
import { voteNewParameters } from './new-parameters.ts'
import {
  cancelRecovery,
  concludeRecovery,
  confirmShareDelivery,
  expireRecoveries,
  submitParticipantRecoveryInfo,
} from './recovery.ts'
import { Refusal } from './refusal.ts'
import { startReshareInstance, voteCancelResharing, voteReshared } from './resharing.ts'
import { voteAddDomains } from './running.ts'
import { requireStoredVersion, requireVersion, STATE_VERSION } from './state-version.ts'
import { stateText } from './state-view.ts'
import { deployUpdate, proposeUpdate, voteUpdate } from './updates.ts'
import { fields } from './validation/arguments.ts'
import {
  configText,
  migrationInfoText,
  nodeAuthorizationText,
  participantCandidatesText,
  updateVotesText,
} from './views.ts'

/**
 * The contract's methods. Each is one line: who may call it, what it needs and what it does is in the module it names.
 * The SDK keeps this object under `STATE`; the state proper is in the ledger's keys, so that a call reads only what it
 * needs, and `version` says how to read them. Its own way of writing would need JavaScript's calendar.
 */
@NearBindgen({
  serializer: (value) => encode(JSON.stringify(value)),
  deserializer: (bytes) => requireVersion(JSON.parse(decode(bytes)) as { version: number }),
})
export class Holdfast {
  version = STATE_VERSION

  // Not the SDK's `initialize`, which refuses a second time without an error code.
  @call({})
  init(input: unknown): void {
    guarded(() => executeInit(nearChain, initialize, input))
  }

  @call({})
  vote_add_domains(input: unknown): void {
    change(voteAddDomains, input)
  }

  @call({})
  start_keygen_instance(input: unknown): void {
    change(startKeygenInstance, input)
  }

  @call({})
  vote_pk(input: unknown): void {
    change(votePk, input)
  }

  @call({})
  vote_abort_key_event_instance(input: unknown): void {
    change(voteAbortKeyEventInstance, input)
  }

  @call({})
  vote_cancel_keygen(input: unknown): void {
    change(voteCancelKeygen, input)
  }

  @call({})
  vote_new_parameters(input: unknown): void {
    change(voteNewParameters, input)
  }

  @call({})
  start_reshare_instance(input: unknown): void {
    change(startReshareInstance, input)
  }

  @call({})
  vote_reshared(input: unknown): void {
    change(voteReshared, input)
  }

  @call({})
  vote_cancel_resharing(input: unknown): void {
    change(voteCancelResharing, input)
  }

  @call({})
  submit_participant_info(input: unknown): void {
    change(submitParticipantInfo, input)
  }

  @call({ payableFunction: true })
  register_backup_service(input: unknown): void {
    change(registerBackupService, input)
  }

  @call({ payableFunction: true })
  authorize_node(input: unknown): void {
    change(authorizeNode, input)
  }

  @call({ payableFunction: true })
  revoke_node_authorization(input: unknown): void {
    change(revokeNodeAuthorization, input)
  }

  @call({ payableFunction: true })
  submit_participant_recovery_info(input: unknown): void {
    change(submitParticipantRecoveryInfo, input)
  }

  @call({})
  confirm_share_delivery(input: unknown): void {
    change(confirmShareDelivery, input)
  }

  @call({})
  report_backup(input: unknown): void {
    change(reportBackup, input)
  }

  @call({})
  conclude_recovery(input: unknown): void {
    change(concludeRecovery, input)
  }

  @call({ payableFunction: true })
  cancel_recovery(input: unknown): void {
    change(cancelRecovery, input)
  }

  @call({})
  expire_recoveries(input: unknown): void {
    change(expireRecoveries, input)
  }

  @call({ payableFunction: true })
  start_node_migration(input: unknown): void {
    change(startNodeMigration, input)
  }

  @call({ payableFunction: true })
  cancel_node_migration(input: unknown): void {
    change(cancelNodeMigration, input)
  }

  @call({})
  conclude_node_migration(input: unknown): void {
    change(concludeNodeMigration, input)
  }

  @call({ payableFunction: true })
  update_participant_url(input: unknown): void {
    change(updateParticipantUrl, input)
  }

  @call({})
  propose_update(input: unknown): void {
    change(proposeUpdate, input)
  }

  @call({})
  vote_update(input: unknown): void {
    change(voteUpdate, input)
  }

  @view({})
  state(input: unknown): void {
    answerPlainly(stateText, input)
  }

  @view({})
  node_authorization(input: unknown): void {
    answer((ledger) => nodeAuthorizationText(ledger, input))
  }

  @view({})
  participant_candidates(input: unknown): void {
    answerPlainly(participantCandidatesText, input)
  }

  @view({})
  config(input: unknown): void {
    answerPlainly(configText, input)
  }

  @view({})
  migration_info(input: unknown): void {
    answerPlainly(migrationInfoText, input)
  }

  @view({})
  backup_receipts(input: unknown): void {
    answerPlainly(backupReceiptsText, input)
  }

  @view({})
  recoverability(input: unknown): void {
    answerPlainly(recoverabilityText, input)
  }

  @view({})
  update_votes(input: unknown): void {
    answerPlainly(updateVotesText, input)
  }

  @view({})
  contract_source_metadata(input: unknown): void {
    answerPlainly(sourceMetadataText, input)
  }
}

/** Outside the class, because the SDK takes every argument for JSON: these are the new code itself. */
export function deploy_update(): void {
  guarded(() => {
    refuseDeposit()
    requireStoredVersion(nearChain)
    executeChange(nearChain, deployUpdate, undefined)
  })
}

/** Outside the class, because the SDK would read and write its own state as this code has it. */
export function migrate(): void {
  guarded(() => {
    refuseDeposit()
    migrateState(nearChain)
  })
}

/** In the SDK's words. */
function refuseDeposit(): void {
  if (nearChain.deposit() > 0n) throw new Error('Function is not payable')
}

function change(handler: Handler, input: unknown): void {
  guarded(() => executeChange(nearChain, handler, input))
}

/** Views return JSON text as it is: the SDK would write it once more. */
function answer(text: (ledger: Ledger) => string): void {
  guarded(() => near.valueReturn(text(new Ledger(nearChain))))
}

/** The answer of a view that takes no arguments. */
function answerPlainly(text: (ledger: Ledger) => string, input: unknown): void {
  answer((ledger) => {
    fields(input, 'arguments', [])
    return text(ledger)
  })
}

/** A refusal becomes the panic text itself; the SDK would put `Error` and a stack trace around it. */
function guarded(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (error instanceof Refusal) near.panicUtf8(encode(error.message))
    throw error
  }
}
