import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { claimAddressBlock } from '@holdfast/cli/devnet/address-block.ts'
import { pageCommands, runCommands } from './support/page-commands.ts'

/**
 * Runs docs/network.md as a reader would, every command in its order, on addresses of its own. Fails if a command fails,
 * or if the new node of bob, who lost one, or of carol, who moved, does not sign under the key of before.
 */
test('docs/network.md - should be true, command by command', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const addresses = await claimAddressBlock()
  t.teardown(async () => {
    addresses.release()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  const block = addresses.address(1).replace(/1$/, '')
  const commands = (await pageCommands('network.md')).replaceAll('127.0.0.', block)
  const { code, said, complaint } = await runCommands(directory, commands, { limitMs: 170_000 })
  t.is(code, 0, `${said}\n${complaint}`)
  const keys = [...said.matchAll(/^public key {2}(ed25519:\w+)$/gm)].map(([, key]) => key)
  t.is(keys.length, 3, said)
  t.is(new Set(keys).size, 1)
})
