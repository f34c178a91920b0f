import type { Logger } from '@holdfast/protocol/log.ts'
import type { Supersession } from './phases/phase.ts'

/**
 * Why a node ended without a failure. `superseded`: it was replaced and must not be restarted; `tombstone` is the path of
 * the file that refuses it, undefined where that could not be written (the log says why).
 */
export type ExitReason = { kind: 'stopped' } | { kind: 'superseded'; why: Supersession; tombstone: string | undefined }

/**
 * Runs the node of `home` until `signal` aborts or the contract shows that it was replaced.
 * @throws HoldfastError where it cannot start: `TOMBSTONE`, `CONFIG_MISSING`, `CONFIG_INVALID`, `NO_KEYS`,
 *   `SECRET_FILE_EXPOSED`, `ALREADY_RUNNING`, `HOME_EXPOSED`, `HOME_UNUSABLE`, `LOCK_FAILED`, `PORT_IN_USE`, `SHARES_DAMAGED`, `STORAGE_FAILED`
 */
export async function runNode({
  home,
  signal,
  log,
}: {
  home: string
  signal: AbortSignal
  log: Logger
}): Promise<ExitReason> {
  const { runNodeService } = await import('./wiring/node-service.ts')
  return runNodeService(home, signal, log)
}
