import {
  anyAttempts,
  askFor,
  attempts,
  INITIALIZING,
  ONCE_VOTED,
  only,
  open,
  RECOVERY,
  recoveries,
  RESHARING,
  RUNNING,
  type MethodRules,
} from './permission-rules.ts'

/**
 * Every exported method of the contract. What is the same for all of them stands in `outcomeOf`: what the chain and the SDK
 * refuse by themselves, calls through other contracts, and that nothing but init works before init.
 */
export const PERMISSIONS: Readonly<Record<string, MethodRules>> = {
  init: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: {
      operator: 'NOT_CONTRACT_ACCOUNT',
      outsider: 'NOT_CONTRACT_ACCOUNT',
      contract: { NotInitialized: 'allowed', otherwise: 'ALREADY_INITIALIZED' },
    },
  },
  vote_add_domains: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: only(RUNNING, 'allowed'), outsider: only(RUNNING, 'NOT_PARTICIPANT') },
  },
  start_keygen_instance: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      node: attempts('allowed', 'KEY_EVENT_ACTIVE'),
      oldNode: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      nextNode: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      peer: attempts('NOT_LEADER', 'KEY_EVENT_ACTIVE'),
      outsider: only(INITIALIZING, 'NOT_PARTICIPANT'),
    },
  },
  vote_pk: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      node: attempts('NO_ACTIVE_KEY_EVENT', 'allowed'),
      oldNode: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      nextNode: only(INITIALIZING, 'WRONG_SIGNER_KEY'),
      // Its node has never been replaced: any key of the account will do.
      peer: attempts('NO_ACTIVE_KEY_EVENT', 'allowed'),
      outsider: only(INITIALIZING, 'NOT_PARTICIPANT'),
    },
  },
  vote_abort_key_event_instance: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only([...INITIALIZING, ...RESHARING], 'WRONG_SIGNER_KEY'),
      node: anyAttempts('NO_ACTIVE_KEY_EVENT', 'allowed'),
      oldNode: only([...INITIALIZING, ...RESHARING], 'WRONG_SIGNER_KEY'),
      nextNode: only([...INITIALIZING, ...RESHARING], 'WRONG_SIGNER_KEY'),
      peer: anyAttempts('NO_ACTIVE_KEY_EVENT', 'allowed'),
      candidate: {
        ...(only(INITIALIZING, 'NOT_PARTICIPANT') as object),
        // is about to take part
        [RESHARING[0]]: 'NO_ACTIVE_KEY_EVENT',
        [RESHARING[1]]: 'allowed',
        otherwise: 'WRONG_STATE',
      },
      outsider: only([...INITIALIZING, ...RESHARING], 'NOT_PARTICIPANT'),
    },
  },
  vote_cancel_keygen: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: only(INITIALIZING, 'allowed'), outsider: only(INITIALIZING, 'NOT_PARTICIPANT') },
  },
  vote_new_parameters: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: {
      operator: only([...RUNNING, ...RECOVERY], 'allowed'),
      candidate: only([...RUNNING, ...RECOVERY], 'VOTE_TOO_EARLY'),
      outsider: only([...RUNNING, ...RECOVERY], 'NOT_PARTICIPANT'),
    },
  },
  start_reshare_instance: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only(RESHARING, 'WRONG_SIGNER_KEY'),
      node: attempts('allowed', 'KEY_EVENT_ACTIVE', RESHARING),
      oldNode: only(RESHARING, 'WRONG_SIGNER_KEY'),
      nextNode: only(RESHARING, 'WRONG_SIGNER_KEY'),
      peer: attempts('NOT_LEADER', 'KEY_EVENT_ACTIVE', RESHARING),
      candidate: attempts('NOT_LEADER', 'KEY_EVENT_ACTIVE', RESHARING),
      outsider: only(RESHARING, 'NOT_PARTICIPANT'),
    },
  },
  vote_reshared: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only(RESHARING, 'WRONG_SIGNER_KEY'),
      node: attempts('NO_ACTIVE_KEY_EVENT', 'allowed', RESHARING),
      oldNode: only(RESHARING, 'WRONG_SIGNER_KEY'),
      nextNode: only(RESHARING, 'WRONG_SIGNER_KEY'),
      peer: attempts('NO_ACTIVE_KEY_EVENT', 'allowed', RESHARING),
      candidate: attempts('NO_ACTIVE_KEY_EVENT', 'allowed', RESHARING),
      outsider: only(RESHARING, 'NOT_PARTICIPANT'),
    },
  },
  vote_cancel_resharing: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: only(RESHARING, 'allowed'), outsider: only(RESHARING, 'NOT_PARTICIPANT') },
  },
  submit_participant_info: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      // A participant may repeat what is known of it, and so may who is about to be one.
      operator: 'no change',
      candidate: { [RESHARING[0]]: 'no change', [RESHARING[1]]: 'no change', otherwise: 'allowed' },
      outsider: 'allowed',
    },
  },
  register_backup_service: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: 'allowed',
      openKey: 'DEPOSIT_REQUIRED',
      candidate: { [RESHARING[0]]: 'allowed', [RESHARING[1]]: 'allowed', otherwise: 'NOT_PARTICIPANT' },
      outsider: 'NOT_PARTICIPANT',
    },
  },
  authorize_node: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: { operator: 'allowed', openKey: 'DEPOSIT_REQUIRED', outsider: 'NOT_PARTICIPANT' },
  },
  revoke_node_authorization: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: 'allowed',
      openKey: 'DEPOSIT_REQUIRED',
      peer: 'NOT_AUTHORIZED',
      outsider: 'NOT_PARTICIPANT',
    },
  },
  submit_participant_recovery_info: {
    kind: 'change',
    deposit: 'may prove',
    key: 'node',
    says: {
      operator: askFor('allowed'),
      openKey: askFor('AUTHORIZATION_MISMATCH'),
      nextNode: askFor('allowed'),
      peer: {
        ...(only([...RUNNING, RECOVERY[1]], 'allowed') as object),
        [RECOVERY[0]]: 'ALREADY_RECOVERING',
        otherwise: 'WRONG_STATE',
      },
      outsider: only([...RUNNING, ...RECOVERY], 'NOT_PARTICIPANT'),
    },
  },
  confirm_share_delivery: {
    kind: 'change',
    deposit: 'refused',
    key: 'backup service',
    says: {
      operator: recoveries('NOT_RECOVERING', 'WRONG_SIGNER_KEY'),
      backup: recoveries('NOT_RECOVERING', 'allowed'),
      peer: recoveries('NO_BACKUP_SERVICE', 'NOT_RECOVERING'),
      outsider: only(RECOVERY, 'NOT_PARTICIPANT'),
    },
  },
  report_backup: {
    kind: 'change',
    deposit: 'refused',
    key: 'backup service',
    says: {
      operator: 'WRONG_SIGNER_KEY',
      backup: 'allowed',
      peer: 'NO_BACKUP_SERVICE',
      outsider: 'NOT_PARTICIPANT',
    },
  },
  conclude_recovery: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: recoveries('NOT_RECOVERING', 'WRONG_SIGNER_KEY'),
      nextNode: recoveries('NOT_RECOVERING', 'allowed'),
      peer: recoveries('WRONG_SIGNER_KEY', 'NOT_RECOVERING'),
      outsider: only(RECOVERY, 'NOT_PARTICIPANT'),
    },
  },
  cancel_recovery: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: recoveries('NOT_RECOVERING', 'allowed'),
      openKey: recoveries('NOT_RECOVERING', 'DEPOSIT_REQUIRED'),
      peer: recoveries('allowed', 'NOT_RECOVERING'),
      outsider: only(RECOVERY, 'NOT_PARTICIPANT'),
    },
  },
  expire_recoveries: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    // Nothing has expired in any of the states; what has is tested with recovery.
    says: { operator: 'no change', outsider: 'no change' },
  },
  start_node_migration: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: only(RUNNING, 'allowed'),
      openKey: only(RUNNING, 'DEPOSIT_REQUIRED'),
      peer: only(RUNNING, 'allowed'),
      outsider: only(RUNNING, 'NOT_PARTICIPANT'),
    },
  },
  cancel_node_migration: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: 'allowed',
      openKey: 'DEPOSIT_REQUIRED',
      peer: 'MIGRATION_NOT_FOUND',
      outsider: 'MIGRATION_NOT_FOUND',
    },
  },
  conclude_node_migration: {
    kind: 'change',
    deposit: 'refused',
    key: 'node',
    says: {
      operator: only(RUNNING, 'WRONG_SIGNER_KEY'),
      nextNode: only(RUNNING, 'allowed'),
      peer: only(RUNNING, 'MIGRATION_NOT_FOUND'),
      outsider: only(RUNNING, 'NOT_PARTICIPANT'),
    },
  },
  update_participant_url: {
    kind: 'change',
    deposit: 'proves',
    key: 'none',
    says: {
      operator: only(RUNNING, 'allowed'),
      openKey: only(RUNNING, 'DEPOSIT_REQUIRED'),
      outsider: only(RUNNING, 'NOT_PARTICIPANT'),
    },
  },
  propose_update: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: 'allowed', outsider: 'NOT_PARTICIPANT' },
  },
  vote_update: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: 'allowed', outsider: 'NOT_PARTICIPANT' },
  },
  deploy_update: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    says: { operator: ONCE_VOTED, outsider: ONCE_VOTED },
  },
  migrate: {
    kind: 'change',
    deposit: 'refused',
    key: 'none',
    // The votes for updates end with it.
    says: {
      operator: 'NOT_CONTRACT_ACCOUNT',
      outsider: 'NOT_CONTRACT_ACCOUNT',
      contract: { NotInitialized: 'no change', otherwise: 'allowed' },
    },
    throughOthers: 'NOT_CONTRACT_ACCOUNT',
  },
  state: open('no change'),
  node_authorization: open('NOT_INITIALIZED'),
  participant_candidates: open('NOT_INITIALIZED'),
  config: open('NOT_INITIALIZED'),
  migration_info: open('NOT_INITIALIZED'),
  update_votes: open('NOT_INITIALIZED'),
  backup_receipts: open('NOT_INITIALIZED'),
  recoverability: open('NOT_INITIALIZED'),
  contract_source_metadata: open('no change'),
  __contract_abi: open('no change'),
}
