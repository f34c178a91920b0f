import { HoldfastError } from '../errors.ts'
import { stringifyJson, type Json } from '../json.ts'

/** An endpoint answered with a JSON-RPC error. `causeName` is NEAR's own (`UNKNOWN_BLOCK`, `INVALID_TRANSACTION`, …). */
export class RpcError extends HoldfastError<'RPC_ERROR'> {
  readonly causeName: string
  /** The error's `data` as it came. */
  readonly data: Json

  constructor(message: string, causeName: string, data: Json) {
    super('RPC_ERROR', message)
    this.causeName = causeName
    this.data = data
  }

  /** From the `error` object of a JSON-RPC response (nearcore's form; `cause` is missing in very old nodes). */
  static from(error: Json, endpoint: string, method: string): RpcError {
    const { cause, data = null, message } = isObject(error) ? error : {}
    const causeName = isObject(cause) && typeof cause.name === 'string' ? cause.name : 'UNKNOWN'
    const detail = typeof data === 'string' ? data : data === null ? String(message ?? '') : stringifyJson(data)
    return new RpcError(
      `${endpoint} answered ${method} with ${causeName}${detail === '' ? '' : `: ${detail.slice(0, 300)}`}`,
      causeName,
      data,
    )
  }
}

/** True for a JSON object, not an array or null. */
export function isObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
