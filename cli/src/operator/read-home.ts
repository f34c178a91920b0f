import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'

/** What an operator's command needs of a node's or backup service's home. No secret leaves this file. */
export type Home = {
  kind: 'node' | 'backup service'
  accountId: string
  contractId: string
  /** As far as the home says it. */
  chainId: string | undefined
  rpcUrls: string[]
  rpcQuorum: number
  /** A node's: where the others reach it. */
  url: string | undefined
  tlsPublicKey: Ed25519KeyText
  signerPublicKey: Ed25519KeyText
}

/**
 * Reads a home's config and the public halves of its keys.
 * @throws HoldfastError `HOME_MISSING`, `CONFIG_INVALID`, `IDENTITY_INVALID`, and those of the secret file.
 */
export async function readHome(directory: string): Promise<Home> {
  const configFile = join(directory, 'config.json')
  const configText = await readConfigText(directory, configFile)
  const config = asObject(parseJson(configText, configFile, 'CONFIG_INVALID'), configFile)
  const identityFile = join(directory, 'identity.json')
  const identityText = await readSecretFile(identityFile, 'the identity')
  const identity = asObject(parseJson(identityText, identityFile, 'IDENTITY_INVALID'), identityFile)
  const kind = 'listen' in config ? 'node' : 'backup service'
  return {
    kind,
    accountId: text(config, 'account_id', configFile),
    contractId: text(config, 'contract_id', configFile),
    chainId: 'chain_id' in config ? text(config, 'chain_id', configFile) : undefined,
    rpcUrls: texts(config, 'rpc_urls', configFile),
    rpcQuorum: wholeNumber(config, 'rpc_quorum', configFile),
    url: kind === 'node' ? text(config, 'url', configFile) : undefined,
    tlsPublicKey: publicKeyOfSeed(seed(identity, 'tls_seed', identityFile)),
    signerPublicKey: publicKeyOfSeed(seed(identity, 'signer_seed', identityFile)),
  }
}

async function readConfigText(directory: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new HoldfastError(
      'HOME_MISSING',
      `${directory} is no home of a node or backup service: cannot read ${file} (${(error as NodeJS.ErrnoException).code}); ` +
        'make one with holdfast node init or holdfast backup init',
    )
  }
}

type Fields = { [key: string]: Json }

function asObject(json: Json, file: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  throw invalid(file, 'an object')
}

function text(fields: Fields, name: string, file: string): string {
  const value = fields[name]
  if (typeof value === 'string') return value
  throw invalid(file, `the text field ${name}`)
}

function texts(fields: Fields, name: string, file: string): string[] {
  const value = fields[name]
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw invalid(file, `the field ${name}, a list of texts`)
}

function wholeNumber(fields: Fields, name: string, file: string): number {
  const value = fields[name]
  if (Number.isSafeInteger(value)) return Number(value)
  throw invalid(file, `the field ${name}, a whole number`)
}

function seed(fields: Fields, name: string, file: string): Uint8Array {
  const value = fields[name]
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return Buffer.from(value, 'hex')
  throw invalid(file, `the field ${name}, 64 hex digits`)
}

function invalid(file: string, expected: string): HoldfastError {
  return new HoldfastError(
    'CONFIG_INVALID',
    `cannot use ${file}: expected ${expected}; make the home anew, or restore the file`,
  )
}
