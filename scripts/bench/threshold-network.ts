import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeys, prepareOperators } from '@holdfast/cli/devnet/build-network.ts'
import { startDevnet, type Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { waitForView } from '@holdfast/cli/devnet/waits.ts'
import { nodeStatus, signMessage } from '@holdfast/node/control-client.ts'
import { median, secondsText, type BenchRun, type Measurement } from './measurement.ts'
import { pureSigningMilliseconds } from './pure-signing.ts'

const SIZES = [3, 5, 10, 20]
const DOMAINS = 2
const SIGNATURES = 30
const AT_ONCE = 16
const BURST = 320
const MOST_OVER_PURE = 1.5
const MOST_RESHARING_SECONDS = 60
/** Of the sizes above: signatures per second are taken here, and compared with the pure cryptography of 3 of 5. */
const COMPARED = 5

/** Key generation, resharing and signing between real node processes, without backup services, at mainnet's block time. */
export async function measureThresholdNetworks(run: BenchRun): Promise<Measurement[]> {
  const all: Measurement[] = []
  for (const nodes of SIZES) all.push(...(await measureSize(run, nodes)))
  return all
}

async function measureSize({ directory, wasm, signal, say }: BenchRun, nodes: number): Promise<Measurement[]> {
  const threshold = Math.ceil(nodes * 0.6)
  const home = join(directory, `threshold-${nodes}`)
  await mkdir(home)
  const devnet = await startDevnet({
    directory: home,
    threshold,
    blockMs: 600,
    sandboxBinary: undefined,
    // All nodes share this machine's cores, where each would have its own.
    keyEventTimeoutBlocks: 500,
    signal,
  })
  try {
    say(`${nodes} nodes, threshold ${threshold}: keys, resharing, signatures`)
    await prepareOperators(devnet, nodes, wasm)
    for (const operator of devnet.operators) startMachine(devnet, presentMachine(operator))
    await connected(devnet)
    const dkg = await timed(devnet, () => generateKeys(devnet, DOMAINS))
    const resharing = await timed(devnet, async () => {
      await voteToReshare(devnet, devnet.operators, threshold)
      await waitForView(
        devnet,
        'the new epoch',
        ({ state }) => state.kind === 'Running' && state.state.keyset.epoch_id === 1n,
      )
    })
    await ready(devnet)
    const signing = await timed(devnet, async () => milliseconds(devnet))
    const rows = [
      phase(`${nodes} nodes generate ${DOMAINS} keys`, dkg, threshold),
      {
        ...phase(`${nodes} nodes reshare ${DOMAINS} keys`, resharing, threshold),
        ...(nodes === 20 && goal(resharing.seconds)),
      },
      signatureTime(nodes, threshold, signing.result, signing.bytes),
    ]
    return nodes === COMPARED ? [...rows, ...(await compare(devnet, threshold, signing.result))] : rows
  } finally {
    await devnet.close()
  }
}

type Timed<T> = { seconds: number; bytes: number; result: T }

/** Runs it and takes the time, and what all nodes together sent each other meanwhile. */
async function timed<T>(devnet: Devnet, act: () => Promise<T>): Promise<Timed<T>> {
  const before = await bytesSent(devnet)
  const started = performance.now()
  const result = await act()
  const seconds = (performance.now() - started) / 1000
  return { seconds, bytes: (await bytesSent(devnet)) - before, result }
}

async function bytesSent({ operators }: Devnet): Promise<number> {
  const all = await Promise.all(operators.map((operator) => nodeStatus(presentMachine(operator).home)))
  return all.reduce((sum, { mesh_bytes }) => sum + Number((mesh_bytes as { sent: number }).sent), 0)
}

/** One signature after the other, by the nodes in turn; milliseconds each. */
async function milliseconds({ operators }: Devnet): Promise<number[]> {
  const values: number[] = []
  for (let i = 0; i < SIGNATURES; i++) {
    const { home } = presentMachine(operators[i % operators.length] as (typeof operators)[0])
    const started = performance.now()
    await signMessage(home, 0n, randomBytes(32))
    values.push(performance.now() - started)
  }
  return values
}

async function compare({ operators }: Devnet, threshold: number, signing: number[]): Promise<Measurement[]> {
  const pure = median(pureSigningMilliseconds(COMPARED, threshold, SIGNATURES))
  const ratio = median(signing) / pure
  const started = performance.now()
  let left = BURST
  const { home } = presentMachine(operators[0] as (typeof operators)[0])
  const worker = async (): Promise<void> => {
    while (left-- > 0) await signMessage(home, 0n, randomBytes(32))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const perSecond = BURST / ((performance.now() - started) / 1000)
  return [
    {
      name: `${threshold}-of-${COMPARED} signing over pure cryptography`,
      measured: `${ratio.toFixed(2)} ×`,
      value: ratio,
      goal: `at most ${MOST_OVER_PURE} ×`,
      met: ratio <= MOST_OVER_PURE,
      how: `median above, over the median of the same ${threshold} commitments, shares, aggregation and check one after the other in one process (${pure.toFixed(0)} ms), in this run`,
    },
    {
      name: `signatures by ${COMPARED} nodes`,
      measured: `${perSecond.toFixed(1)} a second`,
      value: perSecond,
      goal: '',
      met: null,
      how: `${BURST} signatures asked of one node, ${AT_ONCE} at a time; all nodes on this machine's cores`,
    },
  ]
}

function phase(name: string, { seconds, bytes }: Timed<unknown>, threshold: number): Measurement {
  const how = `threshold ${threshold}, from the first vote to the final state that shows it; ${kilobytes(bytes)} between the nodes in all; once`
  return { name, measured: secondsText(seconds), value: seconds, goal: '', met: null, how }
}

function goal(seconds: number): Pick<Measurement, 'goal' | 'met'> {
  return { goal: `at most ${MOST_RESHARING_SECONDS} s`, met: seconds <= MOST_RESHARING_SECONDS }
}

function signatureTime(nodes: number, threshold: number, values: number[], bytes: number): Measurement {
  const p50 = median(values)
  return {
    name: `a signature by ${threshold} of ${nodes} nodes`,
    measured: `${p50.toFixed(0)} ms`,
    value: p50,
    goal: '',
    met: null,
    how: `median of ${values.length}, one after the other, by the nodes in turn; ${kilobytes(bytes / values.length)} between the nodes for one, heartbeats included`,
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

async function connected(devnet: Devnet): Promise<void> {
  await everyNode(devnet, 'all connections', ({ peers }) => {
    const all = Array.isArray(peers) ? (peers as { connected: boolean }[]) : []
    return all.length === devnet.operators.length - 1 && all.every((peer) => peer.connected)
  })
}

async function ready(devnet: Devnet): Promise<void> {
  await everyNode(devnet, 'the new shares', ({ epoch_id }) => Number(epoch_id) === 1)
}

async function everyNode(
  devnet: Devnet,
  what: string,
  holds: (status: Awaited<ReturnType<typeof nodeStatus>>) => boolean,
): Promise<void> {
  for (const operator of devnet.operators) {
    await waitUntil(
      `${what} of ${operator.name}`,
      async () => (holds(await nodeStatus(presentMachine(operator).home)) ? true : undefined),
      { deadlineMs: 120_000, signal: devnet.signal },
    )
  }
}
