import { methodNotFound, parseError } from './errors.ts'
import type { RpcContext, RpcMethods } from './method.ts'
import { blockMethods } from './methods/blocks.ts'
import { nodeMethods } from './methods/node.ts'
import { queryMethods } from './methods/query.ts'
import { sandboxMethods } from './methods/sandbox.ts'
import { transactionMethods } from './methods/transactions.ts'
import { isObject } from './params.ts'

const METHODS: RpcMethods = {
  ...nodeMethods,
  ...blockMethods,
  ...queryMethods,
  ...transactionMethods,
  ...sandboxMethods,
}

export type RpcRequest = { readonly id: unknown; readonly method: string; readonly params: unknown }

/** @throws RpcError when the body is no JSON-RPC 2.0 request; batches are none to the node */
export function parseRequest(body: unknown): RpcRequest {
  if (
    !isObject(body) ||
    body['jsonrpc'] !== '2.0' ||
    typeof body['method'] !== 'string' ||
    (typeof body['id'] !== 'string' && typeof body['id'] !== 'number')
  )
    throw parseError('JSON RPC Request format was expected')
  return { id: body['id'], method: body['method'], params: body['params'] ?? null }
}

/** Runs a request. @throws RpcError */
export async function dispatch({ method, params }: RpcRequest, context: RpcContext): Promise<unknown> {
  const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
  if (run === undefined) throw methodNotFound(method)
  return run(params, context)
}
