import type { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket, type TlsOptions } from 'node:tls'
import { errorMessage, HoldfastError, isHoldfastError } from './errors.ts'
import type { Ed25519KeyText } from './near-key.ts'
import { checkPeerCertificate, type CheckedCertificate, type PeerRole } from './peer-certificate.ts'
import { withDeadline } from './poll.ts'
import { LEAF_DNS_NAME, type TlsIdentity } from './tls-identity.ts'

const SHARES_KEY_LABEL = 'holdfast/keyshares/1'
const SHARES_KEY_LENGTH = 32

/** TLS 1.3 only; the group is OpenSSL's choice, which prefers the hybrid X25519MLKEM768 where the peer has it. */
const TLS_VERSION = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

/**
 * OpenSSL rejects near/mpc's certificates (subject = issuer without a key identifier looks self-signed), so its own check
 * is off on both sides and `peerKey` is the check. `ca` stays unset: with it OpenSSL may send the root beside the leaf,
 * and near/mpc refuses two certificates.
 */
const OWN_CHECK = { rejectUnauthorized: false } as const

/** Options of a TLS server in near/mpc's form that asks for a client certificate. Call `peerKey` on every socket. */
export function tlsServerOptions(identity: TlsIdentity): TlsOptions {
  return { ...TLS_VERSION, ...OWN_CHECK, cert: identity.certPem, key: identity.keyPem, requestCert: true }
}

export type PinnedPeer = {
  host: string
  port: number
  identity: TlsIdentity
  /** The only key that may answer, from the contract. */
  expectedPeerKey: Ed25519KeyText
  /** For connecting and the handshake together. */
  deadlineMs: number
  signal?: AbortSignal | undefined
}

/**
 * Connects with mutual TLS and compares the server's key with the expected one. Nothing is written before it matched.
 * That the server accepts *our* key shows only at the first answer (TLS 1.3): see `channelError`.
 * @throws HoldfastError `PEER_WRONG_KEY` naming both keys, `PEER_UNREACHABLE`, `PEER_CLOSED`; the signal's reason.
 */
export async function connectPinned(peer: PinnedPeer): Promise<TLSSocket> {
  const address = `${peer.host}:${peer.port}`
  const { deadlineMs, signal } = peer
  try {
    return await withDeadline((stop) => handshake(peer, address, stop), deadlineMs, signal, `connecting to ${address}`)
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw channelError(error, address)
  }
}

function handshake(peer: PinnedPeer, address: string, stop: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { host, port, identity } = peer
    const socket = connect({
      ...TLS_VERSION,
      ...OWN_CHECK,
      host,
      port,
      servername: LEAF_DNS_NAME,
      cert: identity.certPem,
      key: identity.keyPem,
    })
    const abandon = () => fail(stop.reason)
    const release = () => {
      stop.removeEventListener('abort', abandon)
      socket.off('error', fail).off('close', closed)
    }
    function fail(error: unknown) {
      release()
      socket.on('error', () => undefined)
      socket.destroy()
      reject(error)
    }
    function closed() {
      fail(peerClosed(address))
    }
    stop.addEventListener('abort', abandon, { once: true })
    socket.on('error', fail).on('close', closed)
    socket.once('secureConnect', () => {
      const wrong = wrongKey(socket, peer.expectedPeerKey, address)
      if (wrong !== undefined) return fail(wrong)
      // Until the caller listens, an error must not end the process; it still closes the socket.
      socket.on('error', () => undefined)
      release()
      socket.setNoDelay(true)
      resolve(socket)
    })
  })
}

function wrongKey(socket: TLSSocket, expected: Ed25519KeyText, address: string): HoldfastError | undefined {
  const found = checkedPeer(socket)
  const described = found.kind === 'accepted' ? found.key : `no acceptable certificate (${found.reason})`
  if (described === expected) return undefined
  return new HoldfastError(
    'PEER_WRONG_KEY',
    `refusing to talk to ${address}: found TLS key ${described}, expected ${expected} from the contract; ` +
      'check that this address is the machine that the contract names',
  )
}

/** The key of the peer, or undefined unless it presented exactly one certificate, in near/mpc's form and for its role. */
export function peerKey(socket: TLSSocket): Ed25519KeyText | undefined {
  const peer = checkedPeer(socket)
  return peer.kind === 'accepted' ? peer.key : undefined
}

/** Why `peerKey` is undefined, for logs; undefined where it is not. */
export function peerRefusal(socket: TLSSocket): string | undefined {
  const peer = checkedPeer(socket)
  return peer.kind === 'refused' ? peer.reason : undefined
}

/** Node gives a peer's chain away on the first reading only: what it was is kept here. */
const peers = new WeakMap<TLSSocket, CheckedCertificate>()

function checkedPeer(socket: TLSSocket): CheckedCertificate {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const role: PeerRole = isServerSide(socket) ? 'client' : 'server'
  const checked = checkLeaf(socket.getPeerX509Certificate(), role)
  peers.set(socket, checked)
  return checked
}

function checkLeaf(leaf: X509Certificate | undefined, role: PeerRole): CheckedCertificate {
  if (leaf === undefined) return { kind: 'refused', reason: 'it presented no certificate' }
  if (leaf.issuerCertificate !== undefined) return { kind: 'refused', reason: 'it presented more than one certificate' }
  return checkPeerCertificate(leaf, role)
}

function isServerSide(socket: TLSSocket): boolean {
  return 'server' in socket && socket.server !== undefined && socket.server !== null
}

/**
 * 32 bytes that only the two ends of this TLS session know (RFC 8446, 7.5), as the key for key shares between Holdfast
 * peers. The same on both ends; another session gives other bytes.
 */
export function sharesChannelKey(socket: TLSSocket): Uint8Array {
  return new Uint8Array(socket.exportKeyingMaterial(SHARES_KEY_LENGTH, SHARES_KEY_LABEL, Buffer.alloc(0)))
}

/**
 * What an error on a channel means to the operator. A peer that refuses our key completes the handshake and then closes
 * with an alert, a reset or no word at all (near-mpc.md 4.8): that is `PEER_CLOSED`, not a network fault.
 * Errors of Holdfast's own pass through, but a deadline becomes `PEER_UNREACHABLE`.
 */
export function channelError(error: unknown, address: string): HoldfastError {
  if (isHoldfastError(error) && error.code !== 'DEADLINE_EXCEEDED') return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  if (code === 'ECONNRESET' || code === 'EPIPE' || /^ERR_SSL_.*ALERT/.test(code)) return peerClosed(address, error)
  const why = code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'what listens there speaks no TLS' : errorMessage(error) || code
  return new HoldfastError(
    'PEER_UNREACHABLE',
    `cannot reach ${address}: ${why}; check that it runs, its port, and the firewall between`,
    { cause: error },
  )
}

function peerClosed(address: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'PEER_CLOSED',
    `${address} closed the connection without an answer: it does not accept our TLS key; check that the contract names ` +
      'this key (a backup service: registered by the same operator), and that the peer has seen the contract since',
    { cause },
  )
}
