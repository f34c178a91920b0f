import type { HomeRepository } from '@holdfast/backup-service/repository-of-home.ts'
import { createLiveLine } from '../terminal/live-line.ts'
import { shutdownSignal } from '../shutdown.ts'

/** Runs `act` on the repository of a home, saying on a terminal's stderr what takes time. The first SIGINT or SIGTERM stops it. */
export async function withRepository<T>(
  home: string,
  act: (repository: HomeRepository, say: (what: string) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { repositoryOfHome } = await import('@holdfast/backup-service/repository-of-home.ts')
  const signal = shutdownSignal()
  const line = createLiveLine(process.stderr)
  const say = (what: string): void => line.show(home, what)
  say('opening the repository')
  try {
    return await act(await repositoryOfHome(home), say, signal)
  } finally {
    line.clear()
  }
}
