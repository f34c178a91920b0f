import { checkRoom } from '@holdfast/protocol/doctor/check-room.ts'
import { doubtful, failed, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { readAgeIdentity, type AgeIdentity } from '../age-identity.ts'
import { isPlaceWritable } from '../adapters/place-writable.ts'
import { placesOf, type BackupConfig } from '../config.ts'
import { inHome } from '../home-paths.ts'
import { placeName, type PlaceConfig } from '../place-config.ts'
import { openPlace, openRepository, repositorySettings } from '../repository-settings.ts'

const PLACE_MS = 10_000

/** Whether each place could take a backup: a directory must be writable and have room, object storage must answer. Writes nothing. */
export function checkPlaces(home: string, config: BackupConfig, signal: AbortSignal): Promise<Finding[]> {
  return Promise.all(placesOf(config).map((place) => checkPlace(home, place, signal)))
}

async function checkPlace(home: string, place: PlaceConfig, signal: AbortSignal): Promise<Finding> {
  const name = placeName(place)
  const check = `place ${name}`
  const look = (stop: AbortSignal) => openPlace(home, place).list(stop)
  try {
    const files = await withDeadline(look, PLACE_MS, signal, `listing ${name}`)
    if (place.kind !== 'directory') return well(check, `answers, ${files.length} files`)
    const directory = inHome(home, place.path)
    if (!(await isPlaceWritable(directory))) {
      return wrong(
        check,
        `${directory} cannot be written, or its disk is full`,
        `as the service's user: ls -ld ${directory}; df ${directory}`,
      )
    }
    return await checkRoom(directory, check)
  } catch (error) {
    signal.throwIfAborted()
    return failed(
      check,
      error,
      'see that it is there: a disk that is not mounted, a bucket or credentials that are wrong',
    )
  }
}

/** Whether the identity that the config names opens what is stored. `age` where the caller has it already. */
export async function checkIdentity(
  home: string,
  config: BackupConfig,
  tlsSeed: Uint8Array,
  age: AgeIdentity | undefined,
): Promise<Finding> {
  const check = 'backups open'
  try {
    const { identity, source } = age ?? (await readAgeIdentity(home, config))
    const repository = await openRepository(
      repositorySettings(home, config, { tlsSeed, ageIdentity: identity, ageIdentitySource: source }),
    )
    const { snapshots, damaged } = await repository.contents()
    const newest = snapshots.at(-1)
    if (newest === undefined && damaged.length > 0) {
      return wrong(
        check,
        `none of what is held can be used: ${damaged[0]?.file}: ${damaged[0]?.reason}`,
        `see holdfast backup list --home ${home}; put back the identity or the files from your copy`,
      )
    }
    if (newest === undefined) return well(check, `nothing is held yet; ${source} is to open it`)
    await repository.load(newest)
    return well(check, `${source} opens the newest, ${newest.data.file}`)
  } catch (error) {
    if (config.age_identity?.kind === 'environment' && isHoldfastError(error, 'KEYS_MISSING'))
      return doubtful(check, 'not tried: the variable with the identity is not set here', errorMessage(error))
    return failed(check, error, `put the right identity back from your copy; see holdfast backup list --home ${home}`)
  }
}
