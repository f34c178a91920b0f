import { put, without } from '../immutable.ts'
import { sameKeyset } from '../keyset.ts'
import type { Node } from '../model.ts'
import { participant, replaced, takesPart } from '../people.ts'
import { broken, nothing, type Method } from '../ruling.ts'
import { displaced, takenByOthers } from '../tls-keys.ts'

export interface DestinationInfo {
  readonly destination_node_info: { readonly signer_account_pk: string; readonly destination_node_info: Node }
}

/** The operator says where its node is to move. */
export const startNodeMigration: Method<DestinationInfo> = (model, by, { destination_node_info }) => {
  const { signer_account_pk: signer, destination_node_info: node } = destination_node_info
  return {
    refused: broken(
      [model.phase.kind !== 'Running', 'WRONG_STATE'],
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
      [participant(model, by.account)?.tls_public_key === node.tls_public_key, 'OWN_TLS_KEY'],
      [takenByOthers(model, by.account, node.tls_public_key, false), 'TLS_KEY_TAKEN'],
    ),
    then() {
      const before = model.migrations.get(by.account)
      const same =
        before?.signer === signer && before.node.url === node.url && before.node.tls_public_key === node.tls_public_key
      if (same) return nothing(model)
      const { model: free, events } = displaced(model, node.tls_public_key)
      const data = { account_id: by.account, signer_account_pk: signer, ...node }
      return {
        model: { ...free, migrations: put(model.migrations, by.account, { signer, node }) },
        events: [...events, { event: 'node_migration_started', data }],
      }
    },
  }
}

export const cancelNodeMigration: Method<object> = (model, by) => ({
  refused: broken([by.deposit < 1n, 'DEPOSIT_REQUIRED'], [!model.migrations.has(by.account), 'MIGRATION_NOT_FOUND']),
  then: () => ({
    model: { ...model, migrations: without(model.migrations, by.account) },
    events: [
      {
        event: 'node_migration_cancelled',
        data: { account_id: by.account, ...model.migrations.get(by.account)?.node },
      },
    ],
  }),
})

/** The new node has the live keyset and takes its account's place. */
export const concludeNodeMigration: Method<{ readonly keyset: unknown }> = (model, by, { keyset }) => {
  const self = participant(model, by.account)
  const destination = model.migrations.get(by.account)
  return {
    refused: broken(
      [model.phase.kind !== 'Running', 'WRONG_STATE'],
      [self === undefined, 'NOT_PARTICIPANT'],
      [!sameKeyset(keyset, model.running), 'KEYSET_MISMATCH'],
      [destination === undefined, 'MIGRATION_NOT_FOUND'],
      [destination !== undefined && destination.signer !== by.key, 'WRONG_SIGNER_KEY'],
    ),
    then() {
      if (destination === undefined || self === undefined) return nothing(model)
      const next = { ...self, ...destination.node, incarnation: self.incarnation + 1n }
      const data = { account_id: by.account, ...destination.node, incarnation: next.incarnation }
      const isOfReplaced = model.authorizations.get(by.account)?.tls === self.tls_public_key
      return {
        model: {
          ...replaced(model, next),
          authorizations: isOfReplaced ? without(model.authorizations, by.account) : model.authorizations,
          migrations: without(model.migrations, by.account),
          signers: put(model.signers, by.account, destination.signer),
        },
        events: [{ event: 'node_migration_concluded', data }],
      }
    },
  }
}

export const updateParticipantUrl: Method<{ readonly url: string }> = (model, by, { url }) => {
  const self = participant(model, by.account)
  return {
    refused: broken(
      [model.phase.kind !== 'Running', 'WRONG_STATE'],
      [self === undefined, 'NOT_PARTICIPANT'],
      [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
    ),
    then() {
      if (self === undefined || self.url === url) return nothing(model)
      const data = { account_id: by.account, url }
      return { model: replaced(model, { ...self, url }), events: [{ event: 'participant_url_updated', data }] }
    },
  }
}
