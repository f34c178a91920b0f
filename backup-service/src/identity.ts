import { randomBytes } from 'node:crypto'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { readSecretFile, writeNewSecretFile } from '@holdfast/protocol/secret-file.ts'

/** The two seeds of a backup service, 32 bytes each: of its TLS key, and of its access key on the operator's account. */
export type Identity = { tlsSeed: Uint8Array; signerSeed: Uint8Array }

const WHAT = "the backup service's keys"

/** Makes and keeps a new identity; with the TLS key of another service where that is taken over. @throws HoldfastError `SECRET_FILE_EXISTS` */
export async function createIdentity(file: string, tlsSeed: Uint8Array = randomBytes(32)): Promise<Identity> {
  const identity = { tlsSeed, signerSeed: randomBytes(32) }
  const json = { tls_seed: hex(identity.tlsSeed), signer_seed: hex(identity.signerSeed) }
  await writeNewSecretFile(file, `${stringifyJson(json, 2)}\n`, WHAT)
  return identity
}

/**
 * Reads an identity.
 * @throws HoldfastError `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `IDENTITY_INVALID`; never quotes the file
 */
export async function readIdentity(file: string): Promise<Identity> {
  const json = parseJson(await readKeyFile(file, WHAT), file, 'IDENTITY_INVALID')
  const { tls_seed, signer_seed } = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
  if (!isSeed(tls_seed) || !isSeed(signer_seed)) {
    throw new HoldfastError(
      'IDENTITY_INVALID',
      `cannot use ${file}: expected tls_seed and signer_seed of 64 hex digits each; put it back from your copy`,
    )
  }
  return { tlsSeed: Buffer.from(tls_seed, 'hex'), signerSeed: Buffer.from(signer_seed, 'hex') }
}

/** A secret file of the home. @throws HoldfastError `KEYS_MISSING`, `SECRET_FILE_EXPOSED` */
export async function readKeyFile(file: string, what: string, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<string> {
  try {
    return await readSecretFile(file, what, encoding)
  } catch (error) {
    if (!isHoldfastError(error, 'SECRET_FILE_MISSING')) throw error
    throw new HoldfastError(
      'KEYS_MISSING',
      `cannot start without ${what}: ${file} does not exist; make it with: holdfast backup init, or put it back from your copy`,
    )
  }
}

function isSeed(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
