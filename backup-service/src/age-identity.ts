import { basename } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'
import { parseAgeIdentity } from './adapters/age-hybrid.ts'
import { outputOf } from './adapters/identity-command.ts'
import { openWithPassphrase } from './adapters/passphrase-process.ts'
import { askOnTerminal } from './adapters/terminal-passphrase.ts'
import type { PassphraseConfig } from './age-identity-config.ts'
import { DEFAULT_AGE_IDENTITY, type BackupConfig } from './config.ts'
import { inHome } from './home-paths.ts'
import { readKeyFile } from './identity.ts'

const WHAT = 'the age identity'

/** The identity that opens the repository, and where it came from, for errors. */
export type AgeIdentity = { identity: string; source: string }

/**
 * Gets the identity from where the config says. It is read once, at a start, and held in memory until the end: a restore must not
 * depend on a terminal, a token or a key service that may be lost in the same disaster. What came in a variable of the
 * environment is taken out of it, so that no child process inherits it.
 * @throws HoldfastError `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `AGE_IDENTITY_INVALID`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`,
 * `IDENTITY_COMMAND_FAILED`; none quotes a secret
 */
export async function readAgeIdentity(home: string, config: Pick<BackupConfig, 'age_identity'>): Promise<AgeIdentity> {
  const from = config.age_identity ?? DEFAULT_AGE_IDENTITY
  switch (from.kind) {
    case 'file': {
      const file = inHome(home, from.path)
      return { identity: parseAgeIdentity(await readKeyFile(file, WHAT), file), source: file }
    }
    case 'passphrase': {
      const file = inHome(home, from.path)
      const sealed = Buffer.from(await readKeyFile(file, WHAT, 'latin1'), 'latin1')
      const text = await openWithPassphrase(sealed, await readPassphrase(home, from.passphrase, file), file)
      return { identity: parseAgeIdentity(text, file), source: file }
    }
    case 'environment': {
      const source = `the environment variable ${from.variable}`
      const text = takeVariable(from.variable)
      if (text !== undefined) return { identity: parseAgeIdentity(text, source), source }
      throw new HoldfastError(
        'KEYS_MISSING',
        `cannot start without ${WHAT}: ${source} is not set; set it for this process`,
      )
    }
    case 'command': {
      const source = `the command ${basename(from.argv[0] ?? '')}`
      const text = await outputOf(from.argv, from.deadline_seconds * 1_000, source)
      return { identity: parseAgeIdentity(text, `what ${source} printed`), source }
    }
    default:
      from satisfies never
      throw new TypeError('unknown source')
  }
}

/** @throws HoldfastError `PASSPHRASE_MISSING`, and those of a secret file */
export async function readPassphrase(home: string, from: PassphraseConfig, what: string): Promise<string> {
  switch (from.kind) {
    case 'prompt':
      return askOnTerminal(`Passphrase of ${what}: `)
    case 'file':
      return (await readSecretFile(inHome(home, from.path), 'the passphrase')).replace(/\r?\n$/, '')
    case 'environment': {
      const found = takeVariable(from.variable)
      if (found !== undefined) return found
      throw new HoldfastError(
        'PASSPHRASE_MISSING',
        `cannot open ${what}: the environment variable ${from.variable} is not set; set it for this process`,
      )
    }
    default:
      from satisfies never
      throw new TypeError('unknown source')
  }
}

function takeVariable(name: string): string | undefined {
  const found = process.env[name]
  delete process.env[name]
  return found === '' ? undefined : found
}
