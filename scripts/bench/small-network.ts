import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeys, prepareOperators, startEverything, waitForBackups } from '@holdfast/cli/devnet/build-network.ts'
import type { ChildProcess } from '@holdfast/cli/devnet/child-processes.ts'
import { startDevnet, type Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { measureFloor } from '@holdfast/cli/devnet/floor.ts'
import { startBackupMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { measureBackupLatency } from './backup-latency.ts'
import { median, samplesText, secondsText, type BenchRun, type Measurement } from './measurement.ts'
import { cpuMilliseconds, residentMegabytes } from './process-facts.ts'
import { measureRecovery } from './recovery.ts'

const BLOCK_MS = 600
const SAMPLES = 3
const IDLE_MS = 20_000
const MOST_OVER_FLOOR = 1.5
const MOST_ALL_OVER_ONE = 2
const MOST_BACKUP_SECONDS = 2
const MOST_SIDECAR_MB = 90
const MOST_NODE_MB = 120
const MOST_SIDECAR_CPU_PERCENT = 1

/** Five operators, threshold 3, mainnet's block time, the services as a fresh config has them. */
export async function measureSmallNetwork({ directory, wasm, signal, say }: BenchRun): Promise<Measurement[]> {
  const home = join(directory, 'small')
  await mkdir(home)
  const devnet = await startDevnet({
    directory: home,
    threshold: 3,
    blockMs: BLOCK_MS,
    sandboxBinary: undefined,
    signal,
  })
  try {
    say('5 operators: accounts, contract, keys')
    await prepareOperators(devnet, 5, wasm)
    startEverything(devnet)
    await generateKeys(devnet, 1)
    await waitForBackups(devnet)
    say('backup latency')
    const latencies = [...(await measureBackupLatency(devnet, 1)), ...(await measureBackupLatency(devnet, 2))]
    say('the floor, three times')
    const floors = await sample(() => measureFloor(devnet))
    say('recovery of one, three times')
    const ones = await sample((index) => measureRecovery(devnet, devnet.operators.slice(index, index + 1)))
    say('recovery of all five, three times')
    const alls = await sample(() => measureRecovery(devnet, devnet.operators))
    say('memory')
    const memory = await measureMemory(devnet)
    return [...times({ floors, ones, alls, latencies }), ...memory]
  } finally {
    await devnet.close()
  }
}

async function sample(measure: (index: number) => Promise<number>): Promise<number[]> {
  const values: number[] = []
  for (let index = 0; index < SAMPLES; index++) values.push(await measure(index))
  return values
}

function times({
  floors,
  ones,
  alls,
  latencies,
}: Record<'floors' | 'ones' | 'alls' | 'latencies', number[]>): Measurement[] {
  const [floor, one, all] = [median(floors), median(ones), median(alls)]
  const slowest = Math.max(...latencies)
  return [
    {
      name: 'floor of the chain',
      measured: secondsText(floor),
      value: floor,
      goal: '',
      met: null,
      how: `two contract calls in a row, each until the chain answers FINAL, blocks every ${BLOCK_MS} ms (a recovery can be faster: final state shows an effect a little before the whole transaction, its refund included, is FINAL); median of ${samplesText(floors)}`,
    },
    {
      name: 'recovery of one node',
      measured: `${secondsText(one)}, ${(one / floor).toFixed(2)} × the floor`,
      value: one,
      goal: `at most ${MOST_OVER_FLOOR} × the floor`,
      met: one <= MOST_OVER_FLOOR * floor,
      how: `from the start of its process to its first signature, authorised before; 5 operators, 3 keys; median of ${samplesText(ones)}`,
    },
    {
      name: 'recovery of all 5 nodes',
      measured: `${secondsText(all)}, ${(all / one).toFixed(2)} × one`,
      value: all,
      goal: `at most ${MOST_ALL_OVER_ONE} × one`,
      met: all <= MOST_ALL_OVER_ONE * one,
      how: `from the first process start until each has signed; all on this one machine; median of ${samplesText(alls)}`,
    },
    {
      name: 'backup of a new keyset',
      measured: `${secondsText(slowest)} at most, ${secondsText(median(latencies))} median`,
      value: slowest,
      goal: `at most ${MOST_BACKUP_SECONDS} s (one poll and 1 s)`,
      met: slowest <= MOST_BACKUP_SECONDS,
      how: `from final on chain to proved and read back from disk, 2 new keysets × 5 operators: ${samplesText(latencies)}`,
    },
  ]
}

/** What the services hold after all this work, and restarted, when they have had nothing to do but watch. */
async function measureMemory(devnet: Devnet): Promise<Measurement[]> {
  const worked = memoryNow(devnet)
  for (const operator of devnet.operators) {
    const machine = presentMachine(operator)
    await Promise.all([machine.process?.end('SIGTERM'), operator.backup?.process?.end('SIGTERM')])
    startMachine(devnet, machine)
    if (operator.backup !== undefined) startBackupMachine(devnet, operator.backup)
  }
  await delay(IDLE_MS, undefined, { signal: devnet.signal })
  const idle = memoryNow(devnet)
  const cpu = await idleCpu(devnet)
  return [
    cpu,
    memoryLine('memory of an idle backup service', idle.sidecars, worked.sidecars, MOST_SIDECAR_MB),
    memoryLine('memory of an idle node', idle.nodes, worked.nodes, MOST_NODE_MB),
  ]
}

/** What an idle backup service uses of a core, at the poll of a fresh config. */
async function idleCpu({ operators, signal }: Devnet): Promise<Measurement> {
  const services = operators.map(({ backup }) => backup?.process as ChildProcess)
  const before = services.map(cpuMilliseconds)
  await delay(IDLE_MS, undefined, { signal })
  const percents = services.map((service, i) => ((cpuMilliseconds(service) - (before[i] ?? 0)) / IDLE_MS) * 100)
  const largest = Math.max(...percents)
  return {
    name: 'CPU of an idle backup service',
    measured: `${largest.toFixed(2)} % of a core`,
    value: largest,
    goal: `at most ${MOST_SIDECAR_CPU_PERCENT} %`,
    met: largest <= MOST_SIDECAR_CPU_PERCENT,
    how: `user and system time over ${IDLE_MS / 1000} s at a poll of 1 s; the largest of ${percents.map((each) => each.toFixed(2)).join(', ')}`,
  }
}

type Memory = { nodes: number[]; sidecars: number[] }

function memoryNow({ operators }: Devnet): Memory {
  return {
    nodes: operators.map((operator) => residentMegabytes(presentMachine(operator).process as ChildProcess)),
    sidecars: operators.map(({ backup }) => residentMegabytes(backup?.process as ChildProcess)),
  }
}

function memoryLine(name: string, idle: number[], worked: number[], most: number): Measurement {
  const largest = Math.max(...idle)
  const list = (values: number[]): string => values.map((value) => value.toFixed(0)).join(', ')
  return {
    name,
    measured: `${largest.toFixed(0)} MB`,
    value: largest,
    goal: `at most ${most} MB`,
    met: largest <= most,
    how:
      `VmRSS ${IDLE_MS / 1000} s after a restart, following a chain with 3 keys; the largest of ${list(idle)}; ` +
      `before the restart, with the garbage of recoveries just done: ${list(worked)}`,
  }
}
