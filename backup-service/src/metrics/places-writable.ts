import { isPlaceWritable } from '../adapters/place-writable.ts'
import { inHome } from '../home-paths.ts'
import { placeName, type PlaceConfig } from '../place-config.ts'
import type { Facts } from '../status/status.ts'

/**
 * Whether a new snapshot would find as many places as the config asks for. A directory is looked at now; of object storage
 * it is known how the service last found it.
 */
export async function enoughPlacesWritable(
  { home, places, durableCopies }: { home: string; places: readonly PlaceConfig[]; durableCopies: number },
  { places: found }: Pick<Facts, 'places'>,
): Promise<boolean> {
  const usable = await Promise.all(
    places.map((place) => {
      if (place.kind === 'directory') return isPlaceWritable(inHome(home, place.path))
      const state = found.find((known) => known.place === placeName(place))?.state
      return state !== undefined && state !== 'failed'
    }),
  )
  return usable.filter(Boolean).length >= durableCopies
}
