import { parseAgeIdentity } from './adapters/age-hybrid.ts'
import { DEFAULT_AGE_IDENTITY, type BackupConfig } from './config.ts'
import { inHome } from './home-paths.ts'
import { readKeyFile } from './identity.ts'

const WHAT = 'the age identity'

/** The identity that opens the repository, and where it came from, for errors. */
export type AgeIdentity = { identity: string; source: string }

/**
 * Gets the identity from where the config says. It is read once, at a start, and held in memory until the end: a restore must not
 * depend on a terminal, a token or a key service that may be lost in the same disaster.
 * @throws HoldfastError `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `AGE_IDENTITY_INVALID`
 */
export async function readAgeIdentity(home: string, config: Pick<BackupConfig, 'age_identity'>): Promise<AgeIdentity> {
  const source = config.age_identity ?? DEFAULT_AGE_IDENTITY
  if (source.kind !== 'file') throw new TypeError('not built yet')
  const file = inHome(home, source.path)
  return { identity: parseAgeIdentity(await readKeyFile(file, WHAT), file), source: file }
}
