import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { DeliverShares, FetchShares } from './ports.ts'

/** The same node, which tells each time that it handed out the shares of a keyset: that is not yet a backup of them. */
export function tellServed(
  node: FetchShares & DeliverShares,
  onServed: (keysetDigest: string) => void,
): FetchShares & DeliverShares {
  return {
    async fetchShares(address, keyset, signal) {
      const shares = await node.fetchShares(address, keyset, signal)
      onServed(keysetDigest(parseKeyset(keyset, 'the keyset that was asked for')))
      return shares
    },
    deliverShares: (address, shares, signal) => node.deliverShares(address, shares, signal),
  }
}
