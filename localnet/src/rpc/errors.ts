/** A refusal in the node's JSON-RPC form. */
export class RpcError extends Error {
  readonly httpStatus: number
  readonly body: Readonly<Record<string, unknown>>

  constructor(httpStatus: number, body: Readonly<Record<string, unknown>>) {
    super(String(body['data'] ?? body['message']))
    this.name = 'RpcError'
    this.httpStatus = httpStatus
    this.body = body
  }
}

/** The request itself cannot be understood. */
export const parseError = (message: string): RpcError =>
  new RpcError(400, {
    name: 'REQUEST_VALIDATION_ERROR',
    cause: { name: 'PARSE_ERROR', info: { error_message: message } },
    code: -32700,
    message: 'Parse error',
    data: message,
  })

/** A parameter is missing or malformed; `problem` in serde's words. */
export const argumentError = (problem: string): RpcError => parseError(`Failed parsing args: ${problem}`)

export const methodNotFound = (method: string): RpcError =>
  new RpcError(400, {
    name: 'REQUEST_VALIDATION_ERROR',
    cause: { name: 'METHOD_NOT_FOUND', info: { method_name: method } },
    code: -32601,
    message: 'Method not found',
    data: method,
  })

/** The request was understood and cannot be met. `data` is what older clients read. */
export const handlerError = (name: string, info: object, data: unknown, httpStatus = 200): RpcError =>
  new RpcError(httpStatus, {
    name: 'HANDLER_ERROR',
    cause: { name, info },
    code: -32000,
    message: 'Server error',
    data,
  })

export const internalError = (message: string): RpcError =>
  new RpcError(500, {
    name: 'INTERNAL_ERROR',
    cause: { name: 'INTERNAL_ERROR', info: { error_message: message } },
    code: -32000,
    message: 'Server error',
    data: message,
  })
