import { makeDirectory } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { lockFile, type FileLock } from '@holdfast/protocol/file-lock.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { sealWithAge } from './adapters/age-hybrid.ts'
import { directoryPlace } from './adapters/directory-place.ts'
import { nodeFiles } from './adapters/node-files.ts'
import { readS3Credentials } from './adapters/s3-credentials.ts'
import { s3Place } from './adapters/s3-place.ts'
import { placesOf, type BackupConfig } from './config.ts'
import { homePaths, inHome } from './home-paths.ts'
import type { Place } from './ports.ts'
import { placeName, type PlaceConfig } from './place-config.ts'
import { PLACE_DEADLINE_MS } from './repository/everywhere.ts'
import { ownMemoryIn } from './repository/own-memory.ts'
import { createRepository, type Repository } from './repository/repository.ts'
import { noteSigner } from './repository/signed-note.ts'
import type { Owner } from './repository/snapshot.ts'

/** Everything that another process needs to open the same repository. */
export type RepositorySettings = {
  owner: Owner
  home: string
  places: PlaceConfig[]
  durableCopies: number
  /** Signs the manifests. */
  tlsSeed: Uint8Array
  ageIdentity: string
  /** Names the identity in errors. */
  ageIdentitySource: string
  recoveryRecipients: string[]
}

export function repositorySettings(
  home: string,
  config: BackupConfig,
  keys: { tlsSeed: Uint8Array; ageIdentity: string; ageIdentitySource: string },
): RepositorySettings {
  const places = placesOf(config)
  return {
    owner: { accountId: config.account_id, contractId: config.contract_id },
    home,
    places,
    durableCopies: config.durable_copies ?? places.length,
    recoveryRecipients: config.recovery_recipients ?? [],
    ...keys,
  }
}

/** Opens a repository. Nothing is read yet; S3's client and age's code are loaded at their first use. */
export async function openRepository(settings: RepositorySettings): Promise<Repository> {
  const { owner, home, places, durableCopies, tlsSeed, ageIdentity, ageIdentitySource, recoveryRecipients } = settings
  const paths = homePaths(home)
  await makeDirectory(paths.chain)
  return createRepository({
    owner,
    signer: noteSigner(tlsSeed),
    seal: sealWithAge(ageIdentity, ageIdentitySource, recoveryRecipients),
    places: places.map((place) => openPlace(home, place)),
    memory: ownMemoryIn(directoryPlace('home', paths.chain, nodeFiles)),
    durableCopies,
    deadlineMs: PLACE_DEADLINE_MS,
    lock: () => lockForChange(paths.repositoryLock),
  })
}

export function openPlace(home: string, place: PlaceConfig): Place {
  const name = placeName(place)
  switch (place.kind) {
    case 'directory':
      return directoryPlace(name, inHome(home, place.path), nodeFiles)
    case 's3':
      return s3Place(
        {
          name,
          endpoint: place.endpoint,
          region: place.region,
          bucket: place.bucket,
          prefix: place.prefix,
          forcePathStyle: place.force_path_style,
          objectLock: place.object_lock,
        },
        () => readS3Credentials(place.credentials, home),
      )
    default:
      place satisfies never
      throw new TypeError('unknown kind of place')
  }
}

const LOCK_TRIES = 60
const LOCK_WAIT_MS = 500

/** Another process of this home may be at it: it is waited for. @throws HoldfastError `REPOSITORY_BUSY`, `LOCK_FAILED` */
async function lockForChange(file: string): Promise<FileLock> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const lock = await lockFile(file)
    if (lock !== undefined) return lock
    await sleep(LOCK_WAIT_MS)
  }
  throw new HoldfastError(
    'REPOSITORY_BUSY',
    `cannot change the repository: another process has held ${file} for a minute; wait for it, or end it`,
  )
}
