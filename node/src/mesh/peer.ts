import type { Participant } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

/** Another participant as the contract describes it; `address` is undefined where its url cannot be dialled. */
export type Peer = {
  accountId: string
  participantId: number
  tlsKey: Ed25519KeyText
  incarnation: bigint
  address: { host: string; port: number } | undefined
}

/** The peer that a participant's entry describes. */
export function peerOf({ accountId, participantId, info }: Participant): Peer {
  return {
    accountId,
    participantId,
    tlsKey: info.tls_public_key,
    incarnation: info.incarnation,
    address: addressOf(info.url),
  }
}

/**
 * What a connection and everything derived from it hangs on. It changes with every recovery of the peer, even when
 * the states between two polls were never seen (protocol.md 2.4.3), and with its address.
 */
export function peerIdentity({ accountId, participantId, tlsKey, incarnation, address }: Peer): string {
  return [accountId, participantId, tlsKey, incarnation, address?.host, address?.port].join(' ')
}

/** Host and port of a participant's url (`http://host:port`; near/mpc's state also holds bare `host:port`). */
export function addressOf(url: string): Peer['address'] {
  const text = url.includes('://') ? url : `http://${url}`
  if (!URL.canParse(text)) return undefined
  const { hostname, port, protocol } = new URL(text)
  const defaultPort = protocol === 'https:' ? 443 : 80
  return hostname === ''
    ? undefined
    : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) }
}
