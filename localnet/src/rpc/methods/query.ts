import type { Block } from '../../chain/block.ts'
import { ZERO_HASH } from '../../primitives/bytes.ts'
import { findBlock, parseBlockReference, type BlockReference } from '../block-reference.ts'
import { argumentError, handlerError } from '../errors.ts'
import type { RpcContext, RpcMethod, RpcMethods } from '../method.ts'
import { isObject, objectParams, requireAccountId, requireBase64, requirePublicKey, requireString } from '../params.ts'
import { fromPath } from '../query-path.ts'
import {
  callFunction,
  experimentalCallFunction,
  viewAccessKey,
  viewAccessKeyList,
  viewAccount,
  viewCode,
  viewState,
  type View,
} from '../views/state.ts'

/** The node's order, as its error for an unknown one lists them. */
const REQUEST_TYPES = [
  'view_account',
  'view_code',
  'view_state',
  'view_access_key',
  'view_access_key_list',
  'view_gas_key',
  'view_gas_key_list',
  'call_function',
  'view_global_contract_code',
  'view_global_contract_code_by_account_id',
]

const VIEWS: Readonly<Record<string, (view: View) => object>> = {
  view_account: viewAccount,
  view_code: viewCode,
  view_state: viewState,
  view_access_key: viewAccessKey,
  view_access_key_list: viewAccessKeyList,
  call_function: callFunction,
}

function requireBlock(reference: BlockReference, { chain, lag }: RpcContext): Block {
  const found = findBlock(chain.blocks, reference, lag)
  switch (found.kind) {
    case 'found':
      return found.block
    case 'missing':
      throw handlerError('UNKNOWN_BLOCK', { block_reference: found.reference }, found.text)
    case 'forgotten': {
      const info = { block_height: found.block, block_hash: ZERO_HASH }
      throw handlerError(
        'GARBAGE_COLLECTED_BLOCK',
        info,
        `The data for block #${found.block} is garbage collected on this node, use an archival node to fetch historical data`,
      )
    }
    default:
      throw new TypeError(`unknown lookup ${String(found satisfies never)}`)
  }
}

const query: RpcMethod = (sent, context) => {
  const params = Array.isArray(sent) ? fromPath(sent) : objectParams(sent)
  if (!isObject(params)) throw argumentError('invalid type: expected a map')
  const reference = parseBlockReference(params, 'no variant of enum BlockReference found in flattened data')
  const type = requireString(params, 'request_type')
  const view = VIEWS[type]
  if (view === undefined) {
    if (REQUEST_TYPES.includes(type)) throw argumentError(`the localnet does not offer the request type ${type}`)
    throw argumentError(
      `unknown variant \`${type}\`, expected one of ${REQUEST_TYPES.map((name) => `\`${name}\``).join(', ')}`,
    )
  }
  const accountId = requireAccountId(params, 'account_id')
  // What the request says is checked before the block is looked up, as the node does.
  if (type === 'view_access_key') requirePublicKey(params, 'public_key')
  if (type === 'call_function') requireBase64(params, 'args_base64')
  if (type === 'view_state') requireBase64(params, 'prefix_base64')
  return view({ params, accountId, block: requireBlock(reference, context), context })
}

const callFunctionAlone: RpcMethod = (sent, context) => {
  const params = objectParams(sent)
  const reference = parseBlockReference(params, 'no variant of enum BlockReference found in flattened data')
  const accountId = requireAccountId(params, 'account_id')
  requireBase64(params, 'args_base64')
  return experimentalCallFunction({ params, accountId, block: requireBlock(reference, context), context })
}

export const queryMethods: RpcMethods = { query, EXPERIMENTAL_call_function: callFunctionAlone }
