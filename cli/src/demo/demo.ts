import { startDevnet, type Devnet } from '../devnet/devnet.ts'
import { groupKeys, waitForView } from '../devnet/waits.ts'
import { compiledContract } from '../devnet/contract-wasm.ts'
import { measureFloor } from '../devnet/floor.ts'
import { loseEveryMachine } from './phase-all.ts'
import { generateKeys } from './phase-keys.ts'
import { loseOneMachine } from './phase-one.ts'
import { setUp } from './phase-set-up.ts'
import type { Story } from './story.ts'
import { verifiesAsPlainEd25519 } from '../verify-signature.ts'

export type DemoSize = { nodes: number; threshold: number; domains: number; blockMs: number }

export type DemoRun = {
  size: DemoSize
  directory: string
  sandboxBinary: string | undefined
  story: Story
  signal: AbortSignal
}

/**
 * The whole demo on a network of its own. Facts that do not hold are checks in the story; what cannot go on throws, and
 * then every process is ended already.
 * @returns the network, still running.
 */
export async function runDemo({ size, directory, sandboxBinary, story, signal }: DemoRun): Promise<Devnet> {
  story.tell({
    event: 'started',
    at: story.now(),
    nodes: size.nodes,
    threshold: size.threshold,
    domains: size.domains,
    block_ms: size.blockMs,
    chain: sandboxBinary === undefined ? 'embedded localnet' : 'NEAR sandbox binary',
    home: directory,
  })
  story.phase('set up', `A network of ${size.nodes} operators`)
  const wasm = await story.step('compile the contract', async () => {
    const value = await compiledContract(signal)
    const size = `${Math.round(value.bytes.length / 1000)} KB, SHA-256 ${value.sha256.slice(0, 12)}…`
    return { value, detail: value.built ? size : `${size}, up to date` }
  })
  story.wasmSha256 = wasm.sha256
  const devnet = await story.step('start the chain', async () => {
    const value = await startDevnet({ directory, ...size, sandboxBinary, signal })
    return { value, detail: `${value.chain.kind} at ${value.chain.rpcUrl}` }
  })
  try {
    await setUp(devnet, story, { operators: size.nodes, wasm: wasm.bytes })
    await generateKeys(devnet, story, size.domains)
    story.seconds.floor = await story.step('measure the floor of this chain', async () => {
      const value = await measureFloor(devnet)
      return { value, detail: 'two calls in a row, each waited for until FINAL' }
    })
    await loseOneMachine(devnet, story)
    await loseEveryMachine(devnet, story)
    await verifyAll(devnet, story)
    return devnet
  } catch (error) {
    await devnet.close()
    throw error
  }
}

/** The keys that the chain holds in the end are those it held in the beginning, and every signature is theirs. */
async function verifyAll(devnet: Devnet, story: Story): Promise<void> {
  story.phase('verify', 'What the chain says in the end')
  const keys = await story.step('read the public keys from the chain', async () => {
    const view = await waitForView(devnet, 'the contract to be Running', ({ state }) => state.kind === 'Running')
    return { value: groupKeys(view), detail: `final block ${view.block.height}` }
  })
  story.check('the contract holds the same public keys as before the losses', sameKeys(keys, story.publicKeys))
  const verified = story.signatures.filter(({ domain, message, signature }) => {
    const key = keys[String(domain)]
    const bytes = Buffer.from(signature, 'hex')
    return key !== undefined && verifiesAsPlainEd25519(key, Buffer.from(message, 'hex'), bytes)
  })
  story.check(
    `all ${story.signatures.length} signatures verify as plain Ed25519 (OpenSSL) under these keys`,
    story.signatures.length > 0 && verified.length === story.signatures.length,
  )
}

function sameKeys(a: Record<string, string>, b: Record<string, string>): boolean {
  const domains = Object.keys(a)
  return domains.length === Object.keys(b).length && domains.every((domain) => a[domain] === b[domain])
}
