import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeys, prepareOperators, startEverything, waitForBackups } from '@holdfast/cli/devnet/build-network.ts'
import { startDevnet, type Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { performAs } from '@holdfast/cli/devnet/set-up.ts'
import { planAuthorisation } from '@holdfast/cli/operator/plan.ts'
import { secondsText, type BenchRun, type Measurement } from './measurement.ts'
import { cpuMilliseconds } from './process-facts.ts'
import { measureRecovery } from './recovery.ts'

const NODES = 10
const THRESHOLD = 6
const CALLS_EACH = 20
const IDLE_MS = 5_000
const MOST_CPU_MS = 10

/** Ten operators, threshold 6, mainnet's block time. */
export async function measureLargeNetwork({ directory, wasm, signal, say }: BenchRun): Promise<Measurement[]> {
  const home = join(directory, 'large')
  await mkdir(home)
  const devnet = await startDevnet({
    directory: home,
    threshold: THRESHOLD,
    blockMs: 600,
    sandboxBinary: undefined,
    signal,
  })
  try {
    say('10 operators: accounts, contract')
    await prepareOperators(devnet, NODES, wasm)
    say('CPU of a contract call')
    const cpu = await measureCallCpu(devnet)
    say('10 operators: keys, then recovery of all')
    startEverything(devnet)
    await generateKeys(devnet, 1)
    await waitForBackups(devnet)
    const all = await measureRecovery(devnet, devnet.operators)
    return [
      cpu,
      {
        name: 'recovery of all 10 nodes',
        measured: secondsText(all),
        value: all,
        goal: '',
        met: null,
        how:
          'as for five, threshold 6, once. The chain needs the same two transactions; the rest is 20 processes that start, ' +
          'prove shares and shake hands on the cores of this one machine, where each would have a machine of its own',
      },
    ]
  } finally {
    await devnet.close()
  }
}

/** What the chain's process spends on a call, its RPC and its blocks included, less what it spends when idle. */
async function measureCallCpu(devnet: Devnet): Promise<Measurement> {
  const { process } = devnet.chain
  const idleFrom = cpuMilliseconds(process)
  await delay(IDLE_MS, undefined, { signal: devnet.signal })
  const idlePerMs = (cpuMilliseconds(process) - idleFrom) / IDLE_MS
  const busyFrom = cpuMilliseconds(process)
  const started = performance.now()
  await Promise.all(
    devnet.operators.map(async (operator) => {
      const [, authorise] = planAuthorisation(presentMachine(operator))
      if (authorise === undefined) throw new TypeError('the authorisation has two actions')
      await performAs(
        devnet,
        operator,
        Array.from({ length: CALLS_EACH }, () => authorise),
      )
    }),
  )
  const elapsed = performance.now() - started
  const calls = CALLS_EACH * devnet.operators.length
  const perCall = (cpuMilliseconds(process) - busyFrom - idlePerMs * elapsed) / calls
  return {
    name: 'a contract call on the localnet',
    measured: `${perCall.toFixed(1)} ms of CPU`,
    value: perCall,
    goal: `at most ${MOST_CPU_MS} ms of CPU`,
    met: perCall <= MOST_CPU_MS,
    how: `user and system time of the chain's process per authorize_node, its RPC included, less its idle time; ${calls} calls, 10 participants`,
  }
}
