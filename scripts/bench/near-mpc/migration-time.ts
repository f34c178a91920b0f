import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { enlist } from '../../../tests/near-mpc/chapters/back-up.ts'
import { moveTo, startFreshMachine } from '../../../tests/near-mpc/chapters/restore-lost-node.ts'
import { begin, serviceOf } from '../../../tests/near-mpc/chapters/story.ts'
import type { NearMpcPrograms } from '../../../tests/near-mpc/support/environment.ts'

const MOVES = 3

/**
 * Moves an operator's node a few times over near/mpc's deployed contract on a real NEAR node.
 * @returns seconds of each, from the first final view that shows start_node_migration to the shares at the destination
 */
export async function measureMigrations(
  directory: string,
  programs: NearMpcPrograms,
  { signal, say }: { signal: AbortSignal; say: (what: string) => void },
): Promise<number[]> {
  say("near/mpc's contract: a migration, from the operator's call to the shares on the new node")
  const home = join(directory, 'near-mpc-migration')
  await mkdir(home)
  const closers: (() => Promise<void>)[] = []
  const onOpen = (close: () => Promise<void>): void => void closers.push(close)
  try {
    const transcript = { tell: () => undefined }
    const story = await begin({ directory: home, programs, transcript, onOpen, signal })
    await enlist(story, story.bob)
    await serviceOf(story, story.bob).waitFor('the backup', ({ covered }) => covered)
    const seconds: number[] = []
    for (let move = 0; move < MOVES; move++) {
      seconds.push(await moveTo(story, story.bob, await startFreshMachine(story, story.bob)))
    }
    return seconds
  } finally {
    for (const close of closers.reverse()) await close()
  }
}
