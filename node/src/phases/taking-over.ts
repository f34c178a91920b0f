import { concludedKeys } from '@holdfast/protocol/concluded-keyset.ts'
import type { PendingMigration, RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import type { ContractFacts, OwnFacts } from './facts.ts'
import type { Phase } from './phase.ts'

/** The account recovers as the node with this node's TLS key. `helpers`: participants that hold shares. */
export function recoveringNow(
  own: OwnFacts,
  record: RecoveryRecord,
  { state, hasBackupService }: ContractFacts,
  helpers: Participant[],
): Phase {
  if (record.signer_account_pk === own.signerKey) {
    const { participant_id: participantId, requested_at: requestedAt } = record
    const keyset = concludedKeys(state)
    return { kind: 'awaitingShares', claim: 'recovery', participantId, requestedAt, keyset, helpers, hasBackupService }
  }
  return {
    kind: 'authorizedKeysDiffer',
    problem:
      `the recovery of ${own.accountId} names this node's TLS key but the signer key ${record.signer_account_pk}, this ` +
      `node's is ${own.signerKey}; the operator calls cancel_recovery and authorises this node's two keys`,
  }
}

/**
 * The planned move of the account is to this node, whose place another one has until it is concluded. Concluding is for
 * Running alone, and for a Recovery that every record has expired of: the call itself ends that. An authorisation to recover changes nothing: it would stop the present node at once.
 */
export function movingHere(
  own: OwnFacts,
  { signer_account_pk }: PendingMigration,
  { participantId }: Participant,
  { state, hasBackupService, isAnybodyRecovering }: ContractFacts & { isAnybodyRecovering: boolean },
): Phase {
  if (signer_account_pk !== own.signerKey) {
    return {
      kind: 'authorizedKeysDiffer',
      problem:
        `the planned move of ${own.accountId} names this node's TLS key but the signer key ${signer_account_pk}, this ` +
        `node's is ${own.signerKey}; the operator runs holdfast migrate again with this node's two keys`,
    }
  }
  const keyset = concludedKeys(state)
  const awaiting: Phase = { kind: 'awaitingShares', claim: 'migration', participantId, keyset, hasBackupService }
  switch (state.kind) {
    case 'Running':
      return awaiting
    case 'Recovery':
      return isAnybodyRecovering ? { kind: 'waitingForRunning', claim: 'migration', state: state.kind } : awaiting
    case 'Initializing':
    case 'Resharing':
      return { kind: 'waitingForRunning', claim: 'migration', state: state.kind }
    case 'NotInitialized':
      return { kind: 'waitingForContract' }
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}

/** The account recovers as another node, and this one never took part. */
export function otherRecovery(own: OwnFacts, record: RecoveryRecord): Phase {
  return {
    kind: 'waitingForOtherRecovery',
    problem:
      `the account ${own.accountId} is recovering as the node with TLS key ${record.destination_node_info.tls_public_key}, ` +
      `this node's is ${own.tlsKey}; if that node is lost, the operator calls cancel_recovery and authorises this one`,
  }
}

/** The account takes part under another TLS key, and this node never did: may it ask to replace that node? */
export function beforeRecovery(
  own: OwnFacts,
  { state, nowNs, authorization, migration }: ContractFacts,
  currentTlsKey: string,
): Phase {
  const wanted = `holdfast authorise --tls-key ${own.tlsKey} --signer-key ${own.signerKey}`
  // One that the present node never used says nothing about the node that is to come.
  if (authorization === null || authorization.tls_public_key === currentTlsKey) {
    if (migration?.signer_account_pk === own.signerKey) return moveToOtherTlsKey(own, migration)
    return {
      kind: 'waitingForAuthorization',
      missing:
        `the account ${own.accountId} has not authorised this node to replace the one with TLS key ${currentTlsKey}` +
        (migration === null
          ? ''
          : `, and is about to move to the one with TLS key ${migration.destination_node_info.tls_public_key}`) +
        `; the operator runs: ${wanted} (or, by plan while that node still runs, holdfast migrate)`,
    }
  }
  if (authorization.tls_public_key !== own.tlsKey || authorization.signer_account_pk !== own.signerKey) {
    return {
      kind: 'authorizedKeysDiffer',
      problem:
        `the account ${own.accountId} has authorised tls_public_key ${authorization.tls_public_key} and signer_account_pk ` +
        `${authorization.signer_account_pk}, but this node has ${own.tlsKey} and ${own.signerKey}; the operator runs: ${wanted}`,
    }
  }
  if (authorization.expires_at <= nowNs) {
    return {
      kind: 'waitingForAuthorization',
      missing:
        `the authorisation of this node expired at ${new Date(Number(authorization.expires_at / 1_000_000n)).toISOString()}; ` +
        `the operator runs again: ${wanted}`,
    }
  }
  if (state.kind === 'Initializing' || state.kind === 'Resharing')
    return { kind: 'waitingForRunning', claim: 'recovery', state: state.kind }
  return { kind: 'requestRecovery' }
}

function moveToOtherTlsKey(own: OwnFacts, { destination_node_info }: PendingMigration): Phase {
  return {
    kind: 'authorizedKeysDiffer',
    problem:
      `the planned move of ${own.accountId} names this node's signer key but the TLS key ` +
      `${destination_node_info.tls_public_key}, this node's is ${own.tlsKey}; the operator runs holdfast migrate again ` +
      "with this node's two keys",
  }
}
