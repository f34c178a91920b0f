import { isHoldfastError } from '../errors.ts'
import { failed, type Finding } from './finding.ts'

/** That the contract could not be read through the configured endpoints together, and what to do about just that. */
export function contractUnread(error: unknown): Finding {
  return failed('contract', error, ADVICE.find(({ code }) => isHoldfastError(error, code))?.todo ?? COMPARE)
}

const COMPARE = 'compare contract_id and rpc_urls with those of the other operators'
const ADVICE = [
  {
    code: 'RPC_UNAVAILABLE',
    todo: 'see the lines of the RPC endpoints: bring enough of them back, or name others in rpc_urls',
  },
  {
    code: 'VIEW_STALE',
    todo: "compare this machine's clock with the right time (timedatectl); if it is right, name other endpoints in rpc_urls",
  },
  {
    code: 'VIEW_DISAGREED',
    todo: 'see what the other operators are told, and replace the endpoint that tells something else in rpc_urls',
  },
] as const
