import { createPrivateKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { der, derElements } from '../../src/der.ts'
import { createTlsIdentity, type TlsIdentity } from '../../src/tls-identity.ts'
import { fromHex, readVectors } from './vectors.ts'

type Tried = { certificate: string; chain_der_hex: string[]; result: unknown }
type TlsVectors = {
  leaves: { role: 'node' | 'backup'; seed_hex: string }[]
  client_certificates_tried_on_the_node: Tried[]
  server_certificates_tried_on_the_client: Tried[]
}
export type RecordedCertificate = {
  name: string
  chain: Uint8Array[]
  accepted: boolean
  /** The chain and the key for a handshake; empty for no certificate. */
  chainPem: string
  keyPem: string
}

const vectors = readVectors<TlsVectors>('near-mpc-wire-tls.json')
const ISSUER_SEED = readVectors<{ issuer_seed_hex: string }>('near-mpc-tls.json').issuer_seed_hex
const ISSUER_KEY = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${ISSUER_SEED}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})

/** The recorded identities: the node serves, the backup service connects. */
export const NODE = identityOf('node')
export const BACKUP = identityOf('backup')
/** Whose key is in the recorded certificates with "another key than expected". */
export const STRANGER = createTlsIdentity(new Uint8Array(32).fill(0x33))

/** 22 client certificates (one is none) and what near/mpc's node made of them. */
export const CLIENT_CERTIFICATES = vectors.client_certificates_tried_on_the_node.map((tried) =>
  recorded(tried, BACKUP, (tried.result as { first_read: string }).first_read === 'HTTP/1.1 200 OK'),
)
/** 21 server certificates and what near/mpc's client made of them. */
export const SERVER_CERTIFICATES = vectors.server_certificates_tried_on_the_client.map((tried) =>
  recorded(tried, NODE, String(tried.result).startsWith('connected')),
)

export function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function recorded(tried: Tried, owner: TlsIdentity, accepted: boolean): RecordedCertificate {
  const { certificate: name } = tried
  const chain = tried.chain_der_hex.map(fromHex)
  const own = { name, chain, accepted, chainPem: chain.map(pem).join(''), keyPem: owner.keyPem }
  if (name.includes('another key than expected')) return { ...own, keyPem: STRANGER.keyPem }
  const [leaf] = chain
  if (!name.includes('P-256') || leaf === undefined) return own
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyPem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { ...own, keyPem, chainPem: pem(withKey(leaf, publicKey)) }
}

/** The certificate with another key of the same kind, for its own was not recorded; signed anew by near/mpc's issuer. */
function withKey(certificate: Uint8Array, key: KeyObject): Uint8Array {
  const parts = derElements(derElements(certificate)[0]?.content ?? certificate)
  const toBeSigned = Buffer.from(parts[0]?.whole ?? [])
  const old = new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' })
  key.export({ format: 'der', type: 'spki' }).copy(toBeSigned, toBeSigned.indexOf(old))
  const signature = sign(null, toBeSigned, ISSUER_KEY)
  return der(0x30, toBeSigned, parts[1]?.whole ?? new Uint8Array(), der(0x03, Uint8Array.of(0), signature))
}

function identityOf(role: string): TlsIdentity {
  const leaf = vectors.leaves.find((candidate) => candidate.role === role)
  return createTlsIdentity(fromHex(leaf?.seed_hex ?? ''))
}
