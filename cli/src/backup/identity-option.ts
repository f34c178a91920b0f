import { InvalidArgumentError } from 'commander'
import type { BackupConfig } from '@holdfast/backup-service/config.ts'

type AgeIdentity = NonNullable<BackupConfig['age_identity']>
type Passphrase = Extract<AgeIdentity, { kind: 'passphrase' }>['passphrase']

const EXPECTED =
  'Expected beside, file=PATH, passphrase=PATH, env=VARIABLE or command=PROGRAM: where the key that opens the backups comes from.'

/** `--identity`: where the age identity comes from, or where it is made. Arguments of a command come with `--identity-arg`. */
export function identitySource(text: string): AgeIdentity {
  const { name, value } = split(text)
  if (name === 'beside' && value === undefined) return { kind: 'file', path: 'age-identity.txt' }
  if (value === undefined) throw new InvalidArgumentError(EXPECTED)
  switch (name) {
    case 'file':
      return { kind: 'file', path: value }
    case 'passphrase':
      return { kind: 'passphrase', path: value, passphrase: { kind: 'prompt' } }
    case 'env':
      return { kind: 'environment', variable: value }
    case 'command':
      return { kind: 'command', argv: [value], deadline_seconds: 60 }
    default:
      throw new InvalidArgumentError(EXPECTED)
  }
}

/** `--passphrase`: where that of `--identity passphrase=PATH` comes from. */
export function passphraseSource(text: string): Passphrase {
  const { name, value } = split(text)
  if (name === 'prompt' && value === undefined) return { kind: 'prompt' }
  if (name === 'file' && value !== undefined) return { kind: 'file', path: value }
  if (name === 'env' && value !== undefined) return { kind: 'environment', variable: value }
  throw new InvalidArgumentError('Expected prompt, file=PATH or env=VARIABLE.')
}

/** What the choice means, for the operator who made it. */
export function meaningOf(from: AgeIdentity, source: string): string {
  switch (from.kind) {
    case 'file':
      return from.path === 'age-identity.txt'
        ? `The key that opens the backups lies beside them, in ${source}: whoever gets this whole disk has the shares in clear.
Copy it to a place of its own too: it opens the backups, and nothing else does.`
        : `The key that opens the backups is ${source}, and must be readable there at every start.
Copy it to a place of its own too: it opens the backups, and nothing else does.`
    case 'passphrase':
      return `The key that opens the backups is ${source}, and opens with your passphrase only.
Copy it to a place of its own too, and keep the passphrase: without both the backups are worthless.`
    case 'environment':
    case 'command':
      return `The key that opens the backups comes from ${source} at every start, and is kept nowhere here.
Have a copy of it in a place of its own: without it the backups are worthless.`
    default:
      from satisfies never
      throw new TypeError('unknown source')
  }
}

function split(text: string): { name: string; value: string | undefined } {
  const at = text.indexOf('=')
  return at === -1
    ? { name: text, value: undefined }
    : { name: text.slice(0, at), value: text.slice(at + 1) || undefined }
}
