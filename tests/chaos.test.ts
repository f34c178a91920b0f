import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { startEverything, waitForKeys } from '@holdfast/cli/devnet/build-network.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine, voteForKeys } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForBackup, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { operatorAt, prepareNetwork } from './support/network.ts'
import { randomFrom } from './support/random.ts'
import { assertSigns } from './support/signing.ts'
import { supervise, type Supervisor } from './support/supervisor.ts'

/**
 * Ends processes at random moments of key generation, backup and recovery; a supervisor restarts them. Afterwards every
 * machine is lost, and the network must come back under the same keys. Fails if any step leaves a half-written or lost
 * share behind.
 *
 * HOLDFAST_CHAOS_SEED=n replays one run; HOLDFAST_CHAOS_RUNS=10 adds that many new ones.
 */
const SIZE = { nodes: 3, threshold: 2, domains: 2 }
const KILL_EVERY_MS = { least: 300, most: 2_500 }
const MOST_SHUTDOWN_MS = 10_000

for (const seed of seeds()) {
  test.serial(`killing random processes (seed ${seed}) - should leave the network recoverable`, async (t) => {
    const devnet = await prepareNetwork(t, SIZE)
    startEverything(devnet)
    const supervisor = supervise(devnet)
    const killer = startKiller(supervisor, randomFrom(seed), (what) => t.log(what))
    try {
      await voteForKeys(devnet, SIZE.domains)
      await waitForKeys(devnet, SIZE.domains)
      const keys = groupKeys(await devnet.reader.readView(devnet.signal))
      await Promise.all(devnet.operators.map((operator) => waitForBackup(devnet, operator, { supervised: true })))

      const first = operatorAt(devnet, seed % SIZE.nodes)
      await replace(devnet, supervisor, [first])
      await assertSigns(t, devnet, first, keys)

      await replace(devnet, supervisor, devnet.operators)
      await killer.stop()
      for (const operator of devnet.operators) await assertSigns(t, devnet, operator, keys)
      t.deepEqual(groupKeys(await devnet.reader.readView(devnet.signal)), keys)
      t.deepEqual(killer.disobeyed, [])
    } finally {
      await killer.stop()
      await supervisor.stop()
    }
  })
}

/** Loses these operators' machines and waits until new ones have recovered. */
async function replace(devnet: Devnet, supervisor: Supervisor, operators: Operator[]): Promise<void> {
  for (const operator of operators) supervisor.letGo(presentMachine(operator).process)
  await Promise.all(operators.map(destroyMachine))
  for (const operator of operators) await addMachine(devnet, operator)
  await Promise.all(operators.map((operator) => authoriseMachine(devnet, operator)))
  for (const operator of operators) startMachine(devnet, presentMachine(operator))
  await waitForView(devnet, 'the recoveries', (view) => operators.every((operator) => hasRecovered(view, operator)))
}

/** Ends one random process after another: kill -9 or SIGTERM, which has to be obeyed in time. */
function startKiller(supervisor: Supervisor, random: () => number, log: (what: string) => void) {
  const stopped = new AbortController()
  const disobeyed: string[] = []
  const loop = (async () => {
    const started = Date.now()
    for (;;) {
      const wait = KILL_EVERY_MS.least + random() * (KILL_EVERY_MS.most - KILL_EVERY_MS.least)
      const choice = random()
      const signal = random() < 0.3 ? 'SIGTERM' : 'SIGKILL'
      await delay(wait, undefined, { signal: stopped.signal })
      const running = supervisor.running()
      const victim = running[Math.floor(choice * running.length)]
      if (victim === undefined) continue
      const sentAt = Date.now()
      log(`${((sentAt - started) / 1000).toFixed(2)} s: ${signal} to the ${victim.name}`)
      const { code } = await victim.end(signal)
      // Without a code it was told before it could listen: that is no worse than a kill.
      if (code !== null && code !== 0) disobeyed.push(`${victim.name} answered ${signal} with exit code ${code}`)
      if (Date.now() - sentAt > MOST_SHUTDOWN_MS) disobeyed.push(`${victim.name} took too long to end`)
    }
  })().catch(() => undefined)
  return {
    disobeyed,
    async stop() {
      stopped.abort()
      await loop
    },
  }
}

function seeds(): number[] {
  const { HOLDFAST_CHAOS_SEED: only, HOLDFAST_CHAOS_RUNS: runs } = process.env
  if (only !== undefined) return [Number(only)]
  return [1, 2, ...Array.from({ length: Number(runs ?? 0) }, () => randomInt(1_000_000))]
}
