import type { HomeUpkeep } from '@holdfast/backup-service/upkeep/upkeep-of-home.ts'
import type { Progress } from '@holdfast/backup-service/upkeep/perform.ts'
import { createLiveLine } from '../terminal/live-line.ts'
import { shutdownSignal } from '../shutdown.ts'

/** The service's own checks take seconds. */
const PATIENCE_MS = 120_000

/**
 * Runs `act` on a backup service's home, saying on a terminal's stderr what takes time. The first SIGINT or SIGTERM stops
 * it cleanly.
 */
export async function withUpkeep<T>(
  home: string,
  act: (upkeep: HomeUpkeep, say: (what: string) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { upkeepOfHome } = await import('@holdfast/backup-service/upkeep/upkeep-of-home.ts')
  const signal = shutdownSignal()
  const line = createLiveLine(process.stderr)
  const say = (what: string): void => line.show(home, what)
  const upkeep = await upkeepOfHome({
    home,
    patienceMs: PATIENCE_MS,
    onProgress: (progress) => say(describe(progress)),
  })
  try {
    return await act(upkeep, say, signal)
  } finally {
    line.clear()
    upkeep.close()
  }
}

function describe(progress: Progress): string {
  switch (progress.kind) {
    case 'waiting':
      return 'waiting for another check of this home to end'
    case 'verifying':
      return `proving snapshot ${Math.min(progress.done + 1, progress.total)} of ${progress.total}`
    case 'drilling':
      return DRILL_STEPS[progress.step]
    case 'reporting':
      return 'telling the contract'
    default:
      progress satisfies never
      throw new TypeError('unknown progress')
  }
}

const DRILL_STEPS = {
  starting: 'starting a throwaway node',
  restoring: 'restoring to the throwaway node',
  proving: 'having it prove that it holds the shares',
}
