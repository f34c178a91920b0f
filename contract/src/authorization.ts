import { type Call, requireOperator, requireParticipant } from './call.ts'
import { AUTHORIZATION_SECONDS } from './config.ts'
import { emit } from './events.ts'
import { refuse } from './refusal.ts'
import { after, reached } from './time.ts'
import type { Authorization } from './types.ts'
import { fields, integer } from './validation/arguments.ts'
import { ed25519Key } from './validation/node-info.ts'

/** Any state: the operator's full-access key says which node (TLS key, signer key) may take its place over, and how long. */
export function authorizeNode(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['tls_public_key', 'signer_account_pk', 'expires_in_seconds'])
  requireParticipant(call)
  requireOperator(call)
  const tls_public_key = ed25519Key(args.tls_public_key, 'tls_public_key', chain)
  const signer_account_pk = ed25519Key(args.signer_account_pk, 'signer_account_pk', chain)
  const { least, most } = AUTHORIZATION_SECONDS
  const seconds =
    args.expires_in_seconds === undefined || args.expires_in_seconds === null
      ? ledger.config.read().authorization_default_seconds
      : integer(args.expires_in_seconds, 'expires_in_seconds', least, most)
  const authorization: Authorization = { tls_public_key, signer_account_pk, expires_at: after(chain.now(), seconds) }
  ledger.setAuthorization(call.caller, authorization)
  emit(call, 'node_authorized', { account_id: call.caller, ...authorization })
}

/** Any state: the operator withdraws the authorisation. A recovery that it has begun goes on; cancel_recovery ends that. */
export function revokeNodeAuthorization(call: Call, input: unknown): void {
  fields(input, 'arguments', [])
  requireParticipant(call)
  requireOperator(call)
  if (call.ledger.authorization(call.caller) === null) {
    refuse('NOT_AUTHORIZED', `${call.caller} has authorised no node: there is nothing to revoke`)
  }
  call.ledger.setAuthorization(call.caller, null)
  emit(call, 'node_authorization_revoked', { account_id: call.caller })
}

/**
 * The operator has authorised exactly this node, and still does.
 * @throws Refusal NOT_AUTHORIZED, AUTHORIZATION_EXPIRED, AUTHORIZATION_MISMATCH (which names both)
 */
export function requireAuthorization(call: Call, tls_public_key: string, signer_account_pk: string): void {
  const given = call.ledger.authorization(call.caller)
  if (given === null) {
    refuse(
      'NOT_AUTHORIZED',
      `${call.caller} has not authorised a node; the operator must call authorize_node with TLS key ${tls_public_key} ` +
        `and signer key ${signer_account_pk}`,
    )
  }
  if (reached(given.expires_at, call.chain.now())) {
    refuse(
      'AUTHORIZATION_EXPIRED',
      `the authorisation of ${call.caller} expired at ${given.expires_at}; authorize_node renews it`,
    )
  }
  if (given.tls_public_key !== tls_public_key || given.signer_account_pk !== signer_account_pk) {
    refuse(
      'AUTHORIZATION_MISMATCH',
      `${call.caller} has authorised TLS key ${given.tls_public_key} and signer key ${given.signer_account_pk}, ` +
        `found ${tls_public_key} and ${signer_account_pk}`,
    )
  }
}
