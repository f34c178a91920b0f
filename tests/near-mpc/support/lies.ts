import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import type { Lie } from './rpc-proxy.ts'

/** Names an attempt at the first key that the network did not adopt, and whose shares near/mpc's nodes would still serve. */
export const supersededAttempt: Lie = (method, returned) => {
  if (method !== 'state') return undefined
  const state = parseJson(returned, 'the state') as { Running?: { keyset: { domains: { attempt: Json }[] } } }
  const [first] = state.Running?.keyset.domains ?? []
  if (first === undefined) return undefined
  first.attempt = 0
  return stringifyJson(state as Json)
}

/** Goes on telling what was true once. */
export function olderState(state: Json): Lie {
  const text = stringifyJson(state)
  return (method) => (method === 'state' ? text : undefined)
}

/** Names a machine of its own as where an operator's shares are to be sent. */
export function ownDestination(accountId: string, tlsPublicKey: string, url: string): Lie {
  return (method, returned) => {
    if (method !== 'migration_info') return undefined
    const info = parseJson(returned, 'the migration info') as Record<string, [Json, Json]>
    const destination_node_info = { url, tls_public_key: tlsPublicKey }
    const record = { signer_account_pk: tlsPublicKey, destination_node_info }
    return stringifyJson({ ...info, [accountId]: [info[accountId]?.[0] ?? null, record] })
  }
}
