import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { writeTombstone, type Tombstone } from '../identity/life.ts'

/**
 * Writes the tombstone of a node that serves nobody any more. A disk that refuses it does not keep the node alive: the
 * next start then reads the contract, which says the same.
 * @returns the tombstone's path, or undefined if it could not be written
 */
export async function bury(home: string, tombstone: Tombstone, log: Logger): Promise<string | undefined> {
  const { why, own_tls_public_key, found_tls_public_key } = tombstone
  const facts = { why, own_tls_public_key, found_tls_public_key }
  try {
    const path = await writeTombstone(home, tombstone)
    log.error({ ...facts, tombstone: path }, 'this node was replaced and stops for good')
    return path
  } catch (error) {
    log.error(
      { ...facts, reason: errorMessage(error) },
      'this node was replaced and stops for good, but its tombstone could not be written: do not start it again',
    )
    return undefined
  }
}
