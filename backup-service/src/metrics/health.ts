import type { Facts } from '../status/status.ts'

/** What must hold for the service to be of use if the node were lost now. */
export type Readiness = { view_fresh: boolean; places_writable: boolean; registered: boolean }

export function readiness({ freshness, registered }: Facts, placesWritable: boolean): Readiness {
  return { view_fresh: freshness.grade === 'normal', places_writable: placesWritable, registered }
}
