import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { claimAddressBlock } from '@holdfast/cli/devnet/address-block.ts'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'

const PAGE = join(import.meta.dirname, '..', 'docs', 'network.md')

/**
 * Runs docs/network.md as a reader would, every command in its order, on addresses of its own. Fails if a command fails,
 * or if the new node of bob, who lost one, or of carol, who moved, does not sign under the key of before.
 */
test('docs/network.md - should be true, command by command', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const addresses = await claimAddressBlock()
  const { program, args } = holdfastCommand()
  const quoted = [program, ...args].map((part) => `'${part}'`).join(' ')
  await writeFile(join(directory, 'holdfast'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  const block = addresses.address(1).replace(/1$/, '')
  const commands = [...(await readFile(PAGE, 'utf8')).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, script]) => script)
  const script = `set -e\ntrap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT\n${commands.join('\n')}`.replaceAll(
    '127.0.0.',
    block,
  )
  const shell = spawn('bash', ['-c', script], {
    cwd: directory,
    env: {
      ...process.env,
      PATH: `${directory}${delimiter}${process.env['PATH']}`,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => shell.kill('SIGTERM'), 170_000)
  t.teardown(async () => {
    clearTimeout(timer)
    addresses.release()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  const [said, complaint] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
  t.is(shell.exitCode, 0, `${said}\n${complaint}`)
  const keys = [...said.matchAll(/^public key {2}(ed25519:\w+)$/gm)].map(([, key]) => key)
  t.is(keys.length, 3, said)
  t.is(new Set(keys).size, 1)
})
