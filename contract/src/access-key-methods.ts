/**
 * What a node's and a backup service's access key may call: each is a function-call key limited to the contract and to
 * exactly these methods (protocol.md 2.3). None of them takes a deposit, because such a key cannot attach one.
 */
export const NODE_METHODS = [
  'submit_participant_info',
  'submit_participant_recovery_info',
  'conclude_recovery',
  'conclude_node_migration',
  'start_keygen_instance',
  'vote_pk',
  'start_reshare_instance',
  'vote_reshared',
  'vote_abort_key_event_instance',
] as const

export const BACKUP_SERVICE_METHODS = ['confirm_share_delivery', 'report_backup'] as const
