import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { der, derUnsignedInteger } from './der.ts'
import { HoldfastError } from './errors.ts'
import { formatEd25519Key, type Ed25519KeyText } from './near-key.ts'

/** A node's or backup service's identity on the network: its Ed25519 key and the certificate that carries it. */
export type TlsIdentity = {
  publicKeyText: Ed25519KeyText
  publicKey: Uint8Array
  certPem: string
  /** Secret. PKCS#8 version 1. */
  keyPem: string
}

/**
 * near/mpc's well-known certificate issuer (crates/tls/src/constants.rs): public by design, it authenticates nobody.
 * rustls wants some chain; peers are authenticated by comparing the leaf's raw key with the contract's.
 */
const ISSUER_SEED = Buffer.from('690c3d011bd065f18055db8288cb79b9879c25294b7418a89ad871fc85a87b56', 'hex')

const SEED_LENGTH = 32
/** PKCS#8 v1 of an Ed25519 seed (RFC 8410) is this and the seed. OpenSSL refuses the v2 form that near/mpc writes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const ED25519_ALGORITHM = der(0x30, Buffer.from('06032b6570', 'hex'))
const SERIAL_LENGTH = 20

/** `CN=rcgen self signed cert` as UTF8String: near/mpc compares the issuer byte for byte. Also the leaf's subject. */
export const ISSUER_NAME_DER: Uint8Array = name('rcgen self signed cert')
/** The name in every leaf, and the server name that near/mpc's clients ask for. */
export const LEAF_DNS_NAME = 'dummy'

/** 1975-01-01 as UTCTime, 4096-01-01 as GeneralizedTime: rcgen's defaults. */
const VALIDITY = der(0x30, der(0x17, ascii('750101000000Z')), der(0x18, ascii('40960101000000Z')))
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')

/** The public key of the issuer, to check a peer's leaf with. */
export const ISSUER_PUBLIC_KEY: KeyObject = createPublicKey(privateKeyOf(ISSUER_SEED))

/**
 * The identity of a 32-byte Ed25519 seed, with a certificate in near/mpc's form, byte for byte (near-mpc.md 4.4): X.509
 * v3, serial = first 20 bytes of SHA-256(public key) with the top bit cleared, subject = issuer, SAN `dummy` as the only
 * extension, signed by the well-known issuer. The same seed gives the same bytes.
 * @throws HoldfastError `INVALID_KEY` unless the seed has 32 bytes.
 */
export function createTlsIdentity(seed: Uint8Array): TlsIdentity {
  if (seed.length !== SEED_LENGTH) {
    throw new HoldfastError(
      'INVALID_KEY',
      `cannot make a TLS identity: found a seed of ${seed.length} bytes, expected 32`,
    )
  }
  const privateKey = privateKeyOf(seed)
  const publicKey = rawPublicKey(createPublicKey(privateKey))
  return {
    publicKeyText: formatEd25519Key(publicKey),
    publicKey,
    certPem: pem('CERTIFICATE', certificate(publicKey)),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

/** The 32 bytes of an Ed25519 public key object. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}

function certificate(publicKey: Uint8Array): Uint8Array {
  const toBeSigned = der(
    0x30,
    der(0xa0, derUnsignedInteger(Uint8Array.of(2))),
    derUnsignedInteger(serialOf(publicKey)),
    ED25519_ALGORITHM,
    ISSUER_NAME_DER,
    VALIDITY,
    ISSUER_NAME_DER,
    der(0x30, ED25519_ALGORITHM, bitString(publicKey)),
    der(0xa3, der(0x30, der(0x30, SUBJECT_ALT_NAME, der(0x04, der(0x30, der(0x82, ascii(LEAF_DNS_NAME))))))),
  )
  const signature = sign(null, toBeSigned, privateKeyOf(ISSUER_SEED))
  return der(0x30, toBeSigned, ED25519_ALGORITHM, bitString(signature))
}

function serialOf(publicKey: Uint8Array): Uint8Array {
  const serial = createHash('sha256').update(publicKey).digest().subarray(0, SERIAL_LENGTH)
  serial[0] = (serial[0] ?? 0) & 0x7f
  return serial
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const pkcs8 = Buffer.concat([PKCS8_PREFIX, seed])
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  } finally {
    pkcs8.fill(0)
  }
}

function name(commonName: string): Uint8Array {
  return der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, ascii(commonName)))))
}

function bitString(bytes: Uint8Array): Uint8Array {
  return der(0x03, Uint8Array.of(0), bytes)
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'ascii')
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
