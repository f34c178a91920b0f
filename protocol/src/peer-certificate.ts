import type { X509Certificate } from 'node:crypto'
import { derElements } from './der.ts'
import { formatEd25519Key, type Ed25519KeyText } from './near-key.ts'
import { ISSUER_NAME_DER, ISSUER_PUBLIC_KEY, LEAF_DNS_NAME, rawPublicKey } from './tls-identity.ts'

/** The side of the handshake that presented the certificate. */
export type PeerRole = 'server' | 'client'

export type CheckedCertificate = { kind: 'accepted'; key: Ed25519KeyText } | { kind: 'refused'; reason: string }

const USAGE_OF_ROLE: Record<PeerRole, string> = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }
const ANY_USAGE = '2.5.29.37.0'

/**
 * The key in a peer's certificate, if near/mpc would accept that certificate from this role (near-mpc.md 4.4, 4.8).
 * Nothing here authenticates anybody, the issuer's key being public: that is the comparison of the returned key with the
 * contract's. The rest is held so that both implementations agree on what a peer is.
 */
export function checkPeerCertificate(leaf: X509Certificate, role: PeerRole, now = Date.now()): CheckedCertificate {
  try {
    return check(leaf, role, now)
  } catch {
    // OpenSSL lets through encodings that are no DER, and keys that Node cannot read: a stranger's must not stop a server.
    return refused('it cannot be read')
  }
}

function check(leaf: X509Certificate, role: PeerRole, now: number): CheckedCertificate {
  if (leaf.publicKey.asymmetricKeyType !== 'ed25519') return refused('its key is not an Ed25519 key')
  if (leaf.ca) return refused('it is a CA certificate')
  if (!hasIssuerName(leaf.raw)) return refused("its issuer's name is not that of near/mpc's issuer")
  if (!leaf.verify(ISSUER_PUBLIC_KEY)) return refused("it is not signed by near/mpc's issuer")
  const isValid = now >= Date.parse(leaf.validFrom) && now <= Date.parse(leaf.validTo)
  if (!isValid) return refused('it is not valid now')
  const usages = leaf.keyUsage as string[] | undefined
  if (usages !== undefined && !usages.some((usage) => usage === USAGE_OF_ROLE[role] || usage === ANY_USAGE)) {
    return refused(`it is not for a ${role}`)
  }
  if (role === 'server' && leaf.checkHost(LEAF_DNS_NAME, { subject: 'never' }) === undefined) {
    return refused(`it does not have the DNS name "${LEAF_DNS_NAME}"`)
  }
  return { kind: 'accepted', key: formatEd25519Key(rawPublicKey(leaf.publicKey)) }
}

/** X.509: Certificate > TBSCertificate > version, serial, signature, *issuer*, … compared byte for byte. */
function hasIssuerName(certificate: Uint8Array): boolean {
  const toBeSigned = derElements(derElements(certificate)[0]?.content ?? certificate)[0]
  const issuer = toBeSigned === undefined ? undefined : derElements(toBeSigned.content)[3]
  return issuer !== undefined && Buffer.compare(issuer.whole, ISSUER_NAME_DER) === 0
}

function refused(reason: string): CheckedCertificate {
  return { kind: 'refused', reason }
}
