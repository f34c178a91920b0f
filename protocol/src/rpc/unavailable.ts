import { HoldfastError } from '../errors.ts'

/**
 * No usable answer came from an RPC endpoint. `answered` is true where something came that no NEAR RPC says (another
 * status, no JSON, no result): then the address may be wrong, while a silent one may only be down.
 */
export class RpcUnavailableError extends HoldfastError<'RPC_UNAVAILABLE'> {
  readonly answered: boolean

  constructor(message: string, answered: boolean, options?: ErrorOptions) {
    super('RPC_UNAVAILABLE', message, options)
    this.answered = answered
  }
}

/** True for an answer that no NEAR RPC gives. */
export function answeredOtherwise(error: unknown): boolean {
  return error instanceof RpcUnavailableError && error.answered
}
