import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { formatEd25519Key, type Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { readSecretFile, writeNewSecretFile } from '@holdfast/protocol/secret-file.ts'
import { createTlsIdentity, type TlsIdentity } from '@holdfast/protocol/tls-identity.ts'

export const IDENTITY_FILE = 'identity.json'

/** The node's two keys. `signerSeed` is secret. */
export type NodeIdentity = { tls: TlsIdentity; signerSeed: Uint8Array; signerKey: Ed25519KeyText }

const seed = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const schema = v.strictObject({ tls_seed: seed, signer_seed: seed })

/**
 * Makes new keys in `<home>/identity.json`, mode 0600; never replaces existing ones.
 * @throws HoldfastError `SECRET_FILE_EXISTS`
 */
export async function createIdentity(home: string): Promise<NodeIdentity> {
  const seeds = { tls_seed: randomBytes(32).toString('hex'), signer_seed: randomBytes(32).toString('hex') }
  await writeNewSecretFile(join(home, IDENTITY_FILE), `${stringifyJson(seeds)}\n`, "the node's keys")
  return identityOf(seeds)
}

/** Reads the node's keys. @throws HoldfastError `NO_KEYS`, `SECRET_FILE_EXPOSED` */
export async function readIdentity(home: string): Promise<NodeIdentity> {
  const path = join(home, IDENTITY_FILE)
  let text: string
  try {
    text = await readSecretFile(path, "the node's keys")
  } catch (error) {
    if (isHoldfastError(error, 'SECRET_FILE_MISSING')) throw noKeys(`there is no ${path}`)
    throw error
  }
  try {
    const result = v.safeParse(schema, parseJson(text, path))
    if (result.success) return identityOf(result.output)
  } catch (error) {
    if (!isHoldfastError(error)) throw error
  }
  throw noKeys(`${path} does not hold two seeds of 64 hex digits each`)
}

function identityOf({ tls_seed, signer_seed }: v.InferOutput<typeof schema>): NodeIdentity {
  const signerSeed = Buffer.from(signer_seed, 'hex')
  return { tls: createTlsIdentity(Buffer.from(tls_seed, 'hex')), signerSeed, signerKey: publicKeyOf(signerSeed) }
}

function publicKeyOf(signerSeed: Uint8Array): Ed25519KeyText {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), signerSeed])
  const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }))
  pkcs8.fill(0)
  return formatEd25519Key(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
}

function noKeys(found: string): HoldfastError {
  return new HoldfastError(
    'NO_KEYS',
    `cannot start without the node's keys: ${found}; make a new home with "holdfast node init" and authorise its keys`,
  )
}
