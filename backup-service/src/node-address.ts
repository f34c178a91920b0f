import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { NodeAddress } from './ports.ts'

/**
 * Where a node serves key shares: the host of its url in the contract (`http://host:port`, the port being that of its
 * mesh) with the configured key-share port.
 * @throws HoldfastError `NODE_URL_INVALID`
 */
export function nodeAddress(url: string, tlsPublicKey: Ed25519KeyText, port: number): NodeAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new HoldfastError(
      'NODE_URL_INVALID',
      `cannot reach the node: its url in the contract is "${url.slice(0, 80)}", expected http://host:port; correct it ` +
        'with update_participant_url',
    )
  }
  return { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port, tlsPublicKey }
}
