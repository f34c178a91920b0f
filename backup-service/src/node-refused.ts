import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** The node answered a request for key shares with something other than 200. */
export class NodeRefusedError extends HoldfastError<'NODE_REFUSED'> {
  /** The HTTP status. */
  readonly status: number
  /** The node's own words, shortened, without anything long enough to be a share. */
  readonly said: string

  constructor(status: number, said: string, message: string) {
    super('NODE_REFUSED', message)
    this.status = status
    this.said = said
  }
}
