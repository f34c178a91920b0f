import { readFile } from 'node:fs/promises'
import test from 'ava'
import { backupStatus } from '@holdfast/backup-service/backup-status.ts'
import { signMessage } from '@holdfast/node/control-client.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { sandboxBinaryFromEnvironment } from '@holdfast/cli/devnet/sandbox-binary.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { setFaults } from './support/faults.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

const onEmbeddedChain = (await sandboxBinaryFromEnvironment()) === undefined ? test : test.skip

/**
 * One of three endpoints lies, hangs or is gone while an operator recovers; two of them are stuck in the past. Fails if
 * an endpoint alone can steer a recovery, hold it up, or have a service act on a stale view.
 */
onEmbeddedChain('an RPC endpoint in trouble - should neither mislead nor stop a recovery', async (t) => {
  const rpc = { endpoints: 3, quorum: 2, maxViewAgeSeconds: 5 }
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1, rpc })
  const { contractId, chain } = devnet
  const view = await devnet.reader.readView(devnet.signal)
  const keys = groupKeys(view)
  const [alice, bob, carol] = [0, 1, 2].map((index) => operatorAt(devnet, index)) as [Operator, Operator, Operator]

  // The liar shows, for ever, the state before bob's loss: an old incarnation, no recovery.
  const lie = { account_id: contractId, method_name: 'state', value: view.stateJson }
  await setFaults(devnet, 2, { lie })
  await recover(devnet, bob)
  await assertSigns(t, devnet, bob, keys)
  const liar = new URL(chain.rpcUrls[2] ?? '').host
  await waitUntil(
    `alice's log to name ${liar}`,
    async () => {
      const log = await readFile(presentMachine(alice).process?.logFile ?? '', 'utf8')
      return log.split('\n').some((line) => line.includes(liar) && line.includes('lied')) ? true : undefined
    },
    { deadlineMs: 60_000, signal: devnet.signal },
  )
  await setFaults(devnet, 2, {})

  // One that takes requests and never answers, one whose port is closed.
  for (const dead of ['silent', 'refused'] as const) {
    await setFaults(devnet, 1, { dead })
    await recover(devnet, carol)
    await assertSigns(t, devnet, carol, keys)
    await setFaults(devnet, 1, {})
  }

  // Two that are stuck: what two agree on gets older than max_view_age, so nothing is done any more, and they say so.
  await setFaults(devnet, 1, { lag: 'frozen' })
  await setFaults(devnet, 2, { lag: 'frozen' })
  const refusal = await waitUntil(
    'a node to refuse a stale view',
    () =>
      signMessage(presentMachine(alice).home, 0n, Buffer.from('x')).then(
        () => undefined,
        (error: unknown) => (isHoldfastError(error, 'VIEW_STALE') ? error.message : undefined),
      ),
    { deadlineMs: 30_000, signal: devnet.signal, everyMs: 300 },
  )
  t.regex(refusal, /old|stale|age/i)
  await waitUntil(
    'the backup service to say that its view is stale',
    async () => ((await backupStatus(alice.backup?.home ?? '')).last_error?.code === 'VIEW_STALE' ? true : undefined),
    { deadlineMs: 30_000, signal: devnet.signal, everyMs: 200 },
  )
  await setFaults(devnet, 1, {})
  await setFaults(devnet, 2, {})
  await assertSigns(t, devnet, alice, keys)
})

async function recover(devnet: Devnet, operator: Operator): Promise<void> {
  await destroyMachine(operator)
  const machine = await addMachine(devnet, operator)
  await authoriseMachine(devnet, operator)
  startMachine(devnet, machine)
  await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, operator))
}
