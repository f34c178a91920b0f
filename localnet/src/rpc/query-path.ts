import { fromBase58, toBase64 } from '../primitives/bytes.ts'
import { argumentError } from './errors.ts'
import type { Params } from './params.ts'

/** The form `["account/alice.near", ""]`, older than named parameters. */
export function fromPath(params: readonly unknown[]): Params {
  const [path, data] = params
  if (typeof path !== 'string') throw argumentError('invalid type: expected a string')
  const [kind, accountId, rest] = path.split('/')
  const base = { finality: 'optimistic', account_id: accountId }
  switch (kind) {
    case 'account':
      return { ...base, request_type: 'view_account' }
    case 'access_key':
      return rest === undefined
        ? { ...base, request_type: 'view_access_key_list' }
        : { ...base, request_type: 'view_access_key', public_key: rest }
    case 'code':
      return { ...base, request_type: 'view_code' }
    case 'contract':
      return {
        ...base,
        request_type: 'view_state',
        prefix_base64: toBase64(fromBase58(String(data))),
      }
    case 'call':
      return {
        ...base,
        request_type: 'call_function',
        method_name: rest,
        args_base64: toBase64(fromBase58(String(data))),
      }
    default:
      throw argumentError(`Unknown path: ${path}`)
  }
}
