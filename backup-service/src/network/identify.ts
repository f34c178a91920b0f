import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { HOLDFAST } from './holdfast.ts'
import { nearMpc } from './near-mpc.ts'
import type { IdentifyNetwork, Network } from './port.ts'
import { shapeOf } from './shape.ts'

/** A version is asked for anew this often, for a contract may be upgraded at any time. */
const VERSION_EVERY_MS = 60_000
const VERSION = /^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})([-+][0-9A-Za-z.+-]{1,40})?$/

export type IdentifyOptions = { contractId: string; versionEveryMs?: number; now?: () => number }

/**
 * Finds out from the chain which network a view is of: by the shape of the state, with every view, so that no view is ever read
 * by another network's rules; and near/mpc's version by its own view `version`, from as many endpoints as must agree on a state.
 * A version that is not known is no reason to refuse: what a state means is read from its fields, and those that are not known
 * are refused by name where they are parsed.
 */
export function networkIdentifier(reader: Pick<ReadContract, 'viewMethod'>, options: IdentifyOptions): IdentifyNetwork {
  const { contractId, versionEveryMs = VERSION_EVERY_MS, now = Date.now } = options
  let known: { network: Network; atMs: number } | undefined

  async function nearMpcNetwork(signal: AbortSignal): Promise<Network> {
    if (known !== undefined && now() - known.atMs < versionEveryMs) return known.network
    const earlier = known?.network
    const network = await versionOf(reader, contractId, signal).then(nearMpc, (error: unknown) => {
      // The endpoints are in trouble, and the state has been read: it is still the contract that it was.
      if (earlier === undefined || signal.aborted || isHoldfastError(error, 'UNKNOWN_NETWORK')) throw error
      return earlier
    })
    known = { network: network.label === earlier?.label ? earlier : network, atMs: now() }
    return known.network
  }

  return {
    async identify({ stateJson }: ContractView, signal) {
      const shape = shapeOf(stateJson)
      switch (shape) {
        case 'holdfast':
        case 'none':
          // Only Holdfast's contract answers before it is initialised; near/mpc's panics.
          known = undefined
          return HOLDFAST
        case 'near-mpc':
          return nearMpcNetwork(signal)
        default:
          shape satisfies never
          throw new TypeError('unknown shape')
      }
    },
  }
}

async function versionOf(
  reader: Pick<ReadContract, 'viewMethod'>,
  contractId: string,
  signal: AbortSignal,
): Promise<string> {
  let found: Json
  try {
    found = await reader.viewMethod('version', {}, signal)
  } catch (error) {
    if (!isHoldfastError(error, 'CONTRACT_UNREADABLE')) throw error
    throw unknownNetwork(contractId, 'no view version', error)
  }
  if (typeof found === 'string' && VERSION.test(found)) return found
  throw unknownNetwork(contractId, `the version ${stringifyJson(found).slice(0, 60)}`)
}

function unknownNetwork(contractId: string, found: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'UNKNOWN_NETWORK',
    `cannot tell which network ${contractId} is the contract of: found a state without Holdfast's fields and ${found}, expected ` +
      "Holdfast's contract, or near/mpc's with a version such as 3.14.1; check contract_id in the config, or update Holdfast",
    { cause },
  )
}
