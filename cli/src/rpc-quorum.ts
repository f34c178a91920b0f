import { styleText } from 'node:util'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { majorityOf, ONE_ENDPOINT_IS_BELIEVED, quorumFault } from '@holdfast/protocol/rpc/quorum-size.ts'

/**
 * How many of the given endpoints must agree: what was asked for, else a majority.
 * @throws HoldfastError `USAGE` for what is no majority, or more than there are
 */
export function chooseQuorum(asked: number | undefined, endpoints: number): number {
  if (asked === undefined) return majorityOf(endpoints)
  const fault = quorumFault(asked, endpoints)
  if (fault === undefined) return asked
  throw new HoldfastError('USAGE', `cannot use --rpc-quorum ${asked}: ${fault}`)
}

/** Warns on stderr where a home is made with a single endpoint, which nobody contradicts. */
export function warnOfOneEndpoint(endpoints: number): void {
  if (endpoints > 1) return
  const mark = styleText('yellow', 'warning', { stream: process.stderr })
  process.stderr.write(`${mark}: ${ONE_ENDPOINT_IS_BELIEVED} (--rpc may be repeated)\n`)
}
