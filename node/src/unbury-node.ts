import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readNodeConfig } from './config/config.ts'
import { removeTombstone } from './identity/life.ts'
import { lockHome, refuseExposedHome } from './storage/home-lock.ts'

/**
 * Makes a node that was replaced a machine that may take its account's place again (protocol.md 2.4.4: only its operator
 * may). It keeps its keys and shares; the contract decides whether it is let in.
 * @returns what its tombstone said
 * @throws HoldfastError `NO_TOMBSTONE`, `CONFIG_MISSING`, `HOME_EXPOSED`, `ALREADY_RUNNING`
 */
export async function unburyNode(home: string): Promise<string> {
  await refuseExposedHome(home)
  await readNodeConfig(home)
  const lock = await lockHome(home)
  try {
    const tombstone = await removeTombstone(home)
    if (tombstone !== undefined) return tombstone
    throw new HoldfastError('NO_TOMBSTONE', `there is no tombstone in ${home}: nothing was changed; start the node`)
  } finally {
    lock.release()
  }
}
