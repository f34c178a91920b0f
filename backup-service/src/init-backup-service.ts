import { access, readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { readSecretFile, writeNewSecretFile } from '@holdfast/protocol/secret-file.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { generateAgeIdentity, parseAgeIdentity, recipientOf } from './adapters/age-hybrid.ts'
import { sealWithPassphrase } from './adapters/passphrase-process.ts'
import { askOnTerminal } from './adapters/terminal-passphrase.ts'
import { readAgeIdentity, readPassphrase, type AgeIdentity } from './age-identity.ts'
import type { AgeIdentityConfig } from './age-identity-config.ts'
import { DEFAULT_AGE_IDENTITY, parseConfig, placesOf, type BackupConfig } from './config.ts'
import { homePaths, inHome } from './home-paths.ts'
import { createIdentity, readIdentity, type Identity } from './identity.ts'

export type InitResult = {
  /** To register with `register_backup_service` as `public_key`. */
  tlsPublicKey: Ed25519KeyText
  /** To add as a function-call access key, and to register as `signer_account_pk`. */
  signerPublicKey: Ed25519KeyText
  /** What every snapshot is encrypted to. */
  ageRecipient: string
  /** What decrypts the repository: a file of which a copy must be elsewhere, or where else it comes from. */
  ageIdentitySource: string
  /** Files that were made now; what was there already is kept as it is. */
  made: string[]
  /** What opens the repository, for who goes on at once: it may have come from somebody who is not asked twice. */
  age(): AgeIdentity
}

export type InitOptions = {
  home: string
  config: BackupConfig
  /** The TLS key of another service that this one takes over, and where it lies. */
  adopted?: { tlsSeed: Uint8Array; source: string } | undefined
}

/**
 * Prepares the home of a backup service: config, keys, age identity, repository. It can be repeated, and after a crash
 * completes what is missing; it never replaces a key.
 * @throws HoldfastError `CONFIG_INVALID`; `CONFIG_DIFFERS` if the home has another config; `AGE_IDENTITY_MISSING` if
 * there are snapshots that a new identity could not open; `IDENTITY_DIFFERS` if another key is to be taken over than the
 * home has; those of the secret files.
 */
export async function initBackupService(options: InitOptions): Promise<InitResult> {
  const { home, adopted } = options
  const config = parseConfig(options.config, 'the config')
  const paths = homePaths(home)
  const directories = placesOf(config).flatMap((place) =>
    place.kind === 'directory' ? [inHome(home, place.path)] : [],
  )
  await makeDirectory(home)
  for (const directory of [...directories, paths.chain]) await makeDirectory(directory)
  const made: string[] = []

  if (await exists(paths.config)) await sameConfig(paths.config, config)
  else await make(paths.config, `${stringifyJson(config, 2)}\n`, 'the config')

  if (!(await exists(paths.identity))) {
    await createIdentity(paths.identity, adopted?.tlsSeed)
    made.push(paths.identity)
  }
  const identity = await readIdentity(paths.identity)
  if (adopted !== undefined) sameTlsKey(paths.identity, identity, adopted)

  const age = (await makeAgeIdentity()) ?? (await readAgeIdentity(home, config))
  return {
    tlsPublicKey: publicKeyOfSeed(identity.tlsSeed),
    signerPublicKey: publicKeyOfSeed(identity.signerSeed),
    ageRecipient: await recipientOf(age.identity, age.source),
    ageIdentitySource: age.source,
    made,
    age: () => age,
  }

  /** Only a file can be made here; what comes from elsewhere is there already. Nothing where there is one. */
  async function makeAgeIdentity(): Promise<AgeIdentity | undefined> {
    const from = config.age_identity ?? DEFAULT_AGE_IDENTITY
    if (from.kind !== 'file' && from.kind !== 'passphrase') return undefined
    const source = inHome(home, from.path)
    if (await exists(source)) return undefined
    for (const directory of directories) await refuseToOrphan(directory, source)
    const { file: text } = await generateAgeIdentity()
    const content =
      from.kind === 'file' ? text : await sealWithPassphrase(text, await newPassphrase(home, from, source))
    await makeDirectory(dirname(source))
    await make(source, content, 'the age identity')
    return { identity: parseAgeIdentity(text, source), source }
  }

  async function make(file: string, content: string | Uint8Array, what: string): Promise<void> {
    await writeNewSecretFile(file, content, what)
    made.push(file)
  }
}

/** A slip of the finger would lock the operator out for good. @throws HoldfastError `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG` */
async function newPassphrase(
  home: string,
  { passphrase }: Extract<AgeIdentityConfig, { kind: 'passphrase' }>,
  file: string,
): Promise<string> {
  const typed = await readPassphrase(home, passphrase, file)
  if (passphrase.kind !== 'prompt' || (await askOnTerminal('Once more: ')) === typed) return typed
  throw new HoldfastError('PASSPHRASE_WRONG', 'the two passphrases differ; nothing was made; start again')
}

function sameTlsKey(file: string, { tlsSeed }: Identity, adopted: { tlsSeed: Uint8Array; source: string }): void {
  if (Buffer.compare(tlsSeed, adopted.tlsSeed) === 0) return
  throw new HoldfastError(
    'IDENTITY_DIFFERS',
    `refusing to take over the TLS key of ${adopted.source}, ${publicKeyOfSeed(adopted.tlsSeed)}: ${file} holds another one, ` +
      `${publicKeyOfSeed(tlsSeed)}; choose a new home, or leave out --adopt and register the key of this one`,
  )
}

async function sameConfig(file: string, config: BackupConfig): Promise<void> {
  const found = await readSecretFile(file, 'the config')
  const there = parseConfig(parseJson(found, file), file)
  const differing = differences(there, config)
  if (differing.length === 0) return
  throw new HoldfastError(
    'CONFIG_DIFFERS',
    `cannot initialise: ${file} exists and says something else about ${differing.join(', ')}; edit that file, or choose another home`,
  )
}

/** What may be found out rather than asked for: a try that could not may follow one that could. */
const FOUND_OUT: ReadonlySet<string> = new Set(['chain_id', 'near_mpc_key_file'] satisfies (keyof BackupConfig)[])

/** The fields that the two configs do not agree on; values are not quoted, for a URL may carry an API key. */
function differences(there: BackupConfig, here: BackupConfig): string[] {
  const [before, now] = [there, here] as Record<string, unknown>[]
  return [...new Set([...Object.keys(there), ...Object.keys(here)])].filter((field) => {
    if (now?.[field] === undefined && FOUND_OUT.has(field)) return false
    if (field === 'chain_id' && before?.[field] === undefined) return false
    return stringifyJson(before?.[field] ?? null) !== stringifyJson(now?.[field] ?? null)
  })
}

async function refuseToOrphan(repository: string, ageIdentity: string): Promise<void> {
  const snapshots = (await readdir(repository)).filter((name) => name.endsWith('.age'))
  if (snapshots.length === 0) return
  throw new HoldfastError(
    'AGE_IDENTITY_MISSING',
    `cannot initialise: ${repository} holds ${snapshots.length} snapshots, but the identity that opens them is not at ` +
      `${ageIdentity}; put it back from your copy, or choose an empty repository`,
  )
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw isHoldfastError(error)
      ? error
      : new HoldfastError('HOME_UNREADABLE', `cannot look for ${file}; check its owner and mode`)
  }
}
