import { put, without } from '../immutable.ts'
import { takesPart } from '../people.ts'
import { broken, type Method } from '../ruling.ts'
import { SECOND } from '../time.ts'

export interface NodeKeys {
  readonly tls_public_key: string
  readonly signer_account_pk: string
  readonly expires_in_seconds?: bigint
}

const MOST_SECONDS = 30n * 24n * 3600n

/** The operator says which node may ask for a recovery. */
export const authorizeNode: Method<NodeKeys> = (
  model,
  by,
  { tls_public_key, signer_account_pk, expires_in_seconds },
) => {
  const seconds = expires_in_seconds ?? model.config.authorization_default_seconds
  return {
    refused: broken(
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
      [seconds < 1n || seconds > MOST_SECONDS, 'INVALID_ARGUMENT'],
    ),
    then() {
      const expiresAt = by.now + seconds * SECOND
      const authorization = { tls: tls_public_key, signer: signer_account_pk, expiresAt }
      const data = { account_id: by.account, tls_public_key, signer_account_pk, expires_at: String(expiresAt) }
      return {
        model: { ...model, authorizations: put(model.authorizations, by.account, authorization) },
        events: [{ event: 'node_authorized', data }],
      }
    },
  }
}

export const revokeNodeAuthorization: Method<object> = (model, by) => ({
  refused: broken(
    [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
    [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
    [!model.authorizations.has(by.account), 'NOT_AUTHORIZED'],
  ),
  then: () => ({
    model: { ...model, authorizations: without(model.authorizations, by.account) },
    events: [{ event: 'node_authorization_revoked', data: { account_id: by.account } }],
  }),
})
