import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { claimAddressBlock } from '@holdfast/cli/devnet/address-block.ts'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'
import { initNode } from '@holdfast/node/init-node.ts'

/**
 * The two signals of a node's shutdown: the first lets it end in order, the second ends it at once, whatever it is at. Fails
 * if a node does not obey, or leaves its socket behind where it had the time to clear up.
 */
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`first ${signal} - should end a node in order`, async (t) => {
    const home = await homeOf(t)
    const node = run(t, home)
    const ended = once(node, 'exit')
    await printed(node, 'the node is up')
    t.true(existsSync(join(home, 'control.sock')))
    node.kill(signal)
    t.deepEqual(await ended, [0, null])
    t.false(existsSync(join(home, 'control.sock')))
    t.is(await readFile(join(home, 'lock'), 'utf8'), '')
  })

  test(`second signal after a ${signal} - should end a node at once that a disk holds up`, async (t) => {
    const home = await homeOf(t)
    // A read that never ends, as of a network disk that is gone: nothing of the process can undo it.
    await rm(join(home, 'config.json'))
    execFileSync('mkfifo', [join(home, 'config.json')])
    const node = run(t, home)
    const ended = once(node, 'exit')
    await holdReader(t, join(home, 'config.json'))
    node.kill(signal)
    t.is(await Promise.race([ended, delay(1_000, 'it waits for the disk')]), 'it waits for the disk')
    node.kill('SIGTERM')
    t.deepEqual(await ended, [null, 'SIGTERM'])
  })
}

async function homeOf(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const addresses = await claimAddressBlock()
  t.teardown(async () => {
    addresses.release()
    await rm(directory, { recursive: true, force: true })
  })
  const home = join(directory, 'home')
  const host = addresses.address(2)
  await initNode({
    home,
    config: {
      account_id: 'alice.near',
      contract_id: 'mpc.near',
      rpc_urls: ['http://127.0.0.1:1'],
      rpc_quorum: 1,
      listen: { host, mesh_port: 3000, keyshares_port: 8079 },
      url: `http://${host}:3000`,
      poll_interval_ms: 250,
      max_view_age_seconds: 300,
    },
  })
  return home
}

function run(t: ExecutionContext, home: string): ChildProcess {
  const { program, args } = holdfastCommand('node', 'run', '--home', home)
  const node = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => node.kill('SIGKILL'))
  return node
}

async function printed(node: ChildProcess, words: string): Promise<void> {
  let text = ''
  for await (const chunk of node.stderr?.setEncoding('utf8') ?? []) {
    text += chunk as string
    if (text.includes(words)) return
  }
  throw new Error(`it ended and said: ${text}`)
}

/** Opens the writing end of a fifo as soon as somebody reads there, and holds it: the reader waits for what never comes. */
async function holdReader(t: ExecutionContext, path: string): Promise<void> {
  for (;;) {
    try {
      const end = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      return t.teardown(() => closeSync(end))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      await delay(50)
    }
  }
}
