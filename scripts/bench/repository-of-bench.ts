import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateAgeIdentity, parseAgeIdentity } from '@holdfast/backup-service/adapters/age-hybrid.ts'
import type { RepositorySettings } from '@holdfast/backup-service/repository-settings.ts'

/** A repository in one directory of a home, as `backup init` makes it, with an age identity of its own. */
export async function repositoryOfBench(
  home: string,
  contractId: string,
  tlsSeed: Uint8Array,
): Promise<RepositorySettings> {
  await mkdir(join(home, 'repository'), { recursive: true })
  return {
    owner: { accountId: 'alice.near', contractId },
    home,
    places: [{ kind: 'directory', path: 'repository' }],
    durableCopies: 1,
    tlsSeed,
    ageIdentity: parseAgeIdentity((await generateAgeIdentity()).file, 'the age identity'),
    ageIdentitySource: 'the age identity',
    recoveryRecipients: [],
  }
}
