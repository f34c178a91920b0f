import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { startEverything, generateKeys, waitForBackups } from '@holdfast/cli/devnet/build-network.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { operatorAt, prepareNetwork } from './support/network.ts'
import { randomFrom } from './support/random.ts'
import { assertSigns, verifies } from './support/signing.ts'
import { cancelResharing, EVENTS, happen, type Soak, type SoakEvent } from './support/soak-events.ts'
import { supervise } from './support/supervisor.ts'

/**
 * Random events to a network of real processes: kills, lost machines with their recovery, resharings, nodes that are cut
 * off, signatures. Afterwards the network must be whole, and every signature ever made verify under the first keys.
 *
 * The seed is printed. HOLDFAST_SOAK_SEED=n replays one (the same events in the same order; the machine's timing is its
 * own); HOLDFAST_SOAK_EVENTS=200 says how many.
 */
const SIZE = { nodes: 4, threshold: 3, domains: 2 }
/** At least 60 % of the operators govern, and a key's threshold is not above that. */
const THRESHOLDS = [3, 2]
const WEIGHTS: Record<SoakEvent, number> = {
  sign: 10,
  kill: 3,
  stop: 2,
  killBackup: 2,
  partition: 2,
  wipe: 2,
  reshare: 2,
  cancelResharing: 1,
}

const seed = Number(process.env.HOLDFAST_SOAK_SEED ?? randomInt(1_000_000))
const events = Number(process.env.HOLDFAST_SOAK_EVENTS ?? 30)

test(`${events} random events - should leave every key whole and no signature false`, async (t) => {
  t.timeout(60_000 + events * 30_000)
  t.log(`HOLDFAST_SOAK_SEED=${seed}`)
  const devnet = await prepareNetwork(t, SIZE)
  startEverything(devnet)
  await generateKeys(devnet, SIZE.domains)
  await waitForBackups(devnet)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const supervisor = supervise(devnet)
  const soak: Soak = {
    devnet,
    supervisor,
    domains: SIZE.domains,
    thresholds: THRESHOLDS,
    random: randomFrom(seed),
    counts: { ...noneOf(EVENTS), skipped: 0, unsigned: 0 },
    signatures: [],
    underWay: [],
  }
  const started = Date.now()
  try {
    for (let i = 0; i < events; i++) {
      const event = choose(soak.random())
      const operator = operatorAt(devnet, Math.floor(soak.random() * SIZE.nodes))
      const line = await happen(soak, event, operator)
      t.log(`${((Date.now() - started) / 1000).toFixed(1)} s: ${line}`)
      await delay(200 + soak.random() * 1_500)
    }
    await Promise.all(soak.underWay)
    if (!(await settles(devnet))) await cancelResharing(devnet)
    const view = await waitForView(
      devnet,
      'the end of every recovery and resharing',
      (seen) => seen.state.kind === 'Running' && devnet.operators.every((operator) => hasRecovered(seen, operator)),
    )
    t.deepEqual(groupKeys(view), keys)
    for (const operator of devnet.operators) await assertSigns(t, devnet, operator, keys)
  } finally {
    await supervisor.stop()
  }
  for (const { domain, message, signature } of soak.signatures) {
    t.true(
      verifies(keys[String(domain)] ?? '', message, signature),
      `key ${domain}, ${Buffer.from(message).toString('hex')}`,
    )
  }
  t.log(JSON.stringify({ ...soak.counts, signatures: soak.signatures.length }))
  t.true(soak.signatures.length > 0, 'something was signed on the way')
})

/** A resharing that goes on has time to end; one that waits for a machine that is gone does not. */
async function settles({ reader, signal }: Devnet): Promise<boolean> {
  for (const until = Date.now() + 30_000; Date.now() < until; await delay(500)) {
    if ((await reader.readView(signal)).state.kind !== 'Resharing') return true
  }
  return false
}

function noneOf<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>
}

function choose(random: number): SoakEvent {
  let left = random * EVENTS.reduce((sum, event) => sum + WEIGHTS[event], 0)
  return EVENTS.find((event) => (left -= WEIGHTS[event]) < 0) ?? 'sign'
}
