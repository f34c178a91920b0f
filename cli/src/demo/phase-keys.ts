import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { voteForKeys } from '../devnet/set-up.ts'
import { groupKeys, waitForBackup, waitForView } from '../devnet/waits.ts'
import { counted } from '../terminal/plural.ts'
import { sign } from './sign.ts'
import type { Story } from './story.ts'

/** Generates the keys, waits until each share is backed up, signs with each key for the first time. */
export async function generateKeys(devnet: Devnet, story: Story, domains: number): Promise<void> {
  story.phase('keys', `Generate ${counted(domains, 'key')} that nobody ever holds whole`)
  const { operators, threshold } = devnet
  story.publicKeys = await story.step('distributed key generation', async (note) => {
    await voteForKeys(devnet, domains)
    const view = await waitForView(
      devnet,
      'the keys',
      ({ state }) => state.kind === 'Running' && state.state.keyset.domains.length === domains,
      (view) => note(keygenProgress(view, operators.length)),
    )
    return { value: groupKeys(view), detail: `FROST, ${threshold} of ${operators.length}, no dealer` }
  })
  story.check(`the contract holds ${counted(domains, 'public key')}`, Object.keys(story.publicKeys).length === domains)
  await story.step('back up every share', async (note) => {
    let done = 0
    await Promise.all(
      operators.map(async (operator) => {
        await waitForBackup(devnet, operator)
        note(`${++done} of ${operators.length}`)
      }),
    )
    return { value: undefined, detail: 'proved genuine, encrypted, on disk, read back' }
  })
  story.check('every backup service has an encrypted copy on its disk', await everyBackupOnDisk(devnet))
  await sign(devnet, story, 'before', operators.slice(0, 1))
}

function keygenProgress({ state }: ContractView, nodes: number): string {
  if (state.kind !== 'Initializing') return `${state.kind}`
  const { domain, instance } = state.state.generating_key
  return instance === null
    ? `key ${domain.id}: the leader starts`
    : `key ${domain.id}: ${instance.completed.length} of ${nodes} have confirmed`
}

/** Looks at the files themselves: an age file per backup service. */
async function everyBackupOnDisk({ operators }: Devnet): Promise<boolean> {
  const found = await Promise.all(
    operators.map(async ({ backup }) => (backup === undefined ? [] : readdir(join(backup.home, 'repository')))),
  )
  return found.every((names) => names.some((name) => name.endsWith('.age')))
}
