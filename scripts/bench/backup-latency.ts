import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { waitForBackups } from '@holdfast/cli/devnet/build-network.ts'
import { voteForKeys } from '@holdfast/cli/devnet/set-up.ts'
import { waitForView } from '@holdfast/cli/devnet/waits.ts'

/**
 * Generates one more key.
 * @returns per operator, seconds from the first final view that shows the new keyset (looked for every 100 ms or
 * faster) until its backup service has the new share on disk, read back and proved
 */
export async function measureBackupLatency(devnet: Devnet, keysBefore: number): Promise<number[]> {
  await voteForKeys(devnet, 1, keysBefore)
  await waitForView(
    devnet,
    'the new key',
    ({ state }) => state.kind === 'Running' && state.state.keyset.domains.length === keysBefore + 1,
  )
  const finalAt = Date.now()
  await waitForBackups(devnet)
  return Promise.all(
    devnet.operators.map(async ({ backup }) => {
      const status = JSON.parse(await readFile(join(backup?.home ?? '', 'status.json'), 'utf8')) as {
        last_backup: { verified_at: string }
      }
      return Math.max(0, Date.parse(status.last_backup.verified_at) - finalAt) / 1000
    }),
  )
}
