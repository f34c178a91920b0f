import { createTlsIdentity, type TlsIdentity } from '../../src/tls-identity.ts'
import { fromHex, readVectors } from './vectors.ts'

type Tried = { certificate: string; chain_der_hex: string[]; result: unknown }
type TlsVectors = {
  leaves: { role: 'node' | 'backup'; seed_hex: string }[]
  client_certificates_tried_on_the_node: Tried[]
  server_certificates_tried_on_the_client: Tried[]
}
export type RecordedCertificate = { name: string; chainPem: string; chain: Uint8Array[]; accepted: boolean }

const vectors = readVectors<TlsVectors>('near-mpc-wire-tls.json')

/** The recorded identities: the node serves, the backup service connects. */
export const NODE = identityOf('node')
export const BACKUP = identityOf('backup')

/** 22 client certificates and what near/mpc's node made of them. */
export const CLIENT_CERTIFICATES = vectors.client_certificates_tried_on_the_node.map((tried) =>
  recorded(tried, (tried.result as { first_read: string }).first_read === 'HTTP/1.1 200 OK'),
)
/** 21 server certificates and what near/mpc's client made of them. */
export const SERVER_CERTIFICATES = vectors.server_certificates_tried_on_the_client.map((tried) =>
  recorded(tried, String(tried.result).startsWith('connected')),
)

/** The recorded peers hold only their own keys: a certificate of another key cannot be used in a handshake here. */
export function usableWith(certificate: RecordedCertificate): boolean {
  return !/another key than expected|P-256/.test(certificate.name)
}

export function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function recorded({ certificate, chain_der_hex }: Tried, accepted: boolean): RecordedCertificate {
  const chain = chain_der_hex.map(fromHex)
  return { name: certificate, chain, chainPem: chain.map(pem).join(''), accepted }
}

function identityOf(role: string): TlsIdentity {
  const leaf = vectors.leaves.find((candidate) => candidate.role === role)
  return createTlsIdentity(fromHex(leaf?.seed_hex ?? ''))
}
