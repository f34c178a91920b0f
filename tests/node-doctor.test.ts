import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePorts } from '@holdfast/cli/devnet/address-block.ts'
import { addMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine, type BackupMachine, type Machine } from '@holdfast/cli/devnet/operator.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { nodeStatus } from '@holdfast/node/control-client.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { changeConfig } from './support/change-config.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'

type Found = { check: string; verdict: string; found: string; todo?: string }

/** What the doctor says of a home; fails the test if its exit code does not fit. */
async function examine(
  t: ExecutionContext,
  { home }: Pick<Machine, 'home'>,
  kind: 'node' | 'backup' = 'node',
): Promise<Map<string, Found>> {
  const { code, stdout, stderr } = await runHoldfast([kind, 'doctor', '--home', home, '--json'])
  const findings = JSON.parse(stdout) as Found[]
  const isWrong = findings.some(({ verdict }) => verdict === 'wrong')
  t.is(code, isWrong ? EXIT_CODES.checkFailed : EXIT_CODES.ok, stderr)
  for (const { verdict, check, todo } of findings) t.is(todo !== undefined, verdict !== 'well', check)
  return new Map(findings.map((finding) => [finding.check, finding]))
}

function serviceAt(devnet: Devnet, index: number): BackupMachine {
  const { backup } = operatorAt(devnet, index)
  if (backup === undefined) throw new TypeError(`operator ${index} has no backup service`)
  return backup
}

function isConnected({ peers }: Record<string, Json>, account: string): boolean {
  return ((peers ?? []) as { account_id: string; connected: boolean }[]).some(
    ({ account_id, connected }) => account_id === account && connected,
  )
}

/** Fails if the doctor finds nothing wrong with a node that cannot work, or something with one that can. */
test('doctor - should find a running node well, and say what another one lacks', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const alice = presentMachine(operatorAt(devnet, 0))
  await alice.process?.end('SIGTERM')
  const monitoring = await freePorts(1)
  await changeConfig(alice, { monitoring: { port: monitoring } })
  startMachine(devnet, alice)
  for (const peer of ['bob.test.near', 'carol.test.near'])
    await waitUntil(
      `${peer} to be connected`,
      async () => isConnected(await nodeStatus(alice.home), peer) || undefined,
      {
        deadlineMs: 60_000,
        signal: devnet.signal,
      },
    )
  const well = await examine(t, alice)
  for (const [check, { verdict, found }] of well) {
    // One endpoint is enough on a chain of one's own.
    t.is(verdict, 'well', `${check}: ${found}`)
  }
  t.is(well.get('peer bob.test.near')?.found, 'connected')
  t.is(well.get('monitoring')?.found, `answers at 127.0.0.1:${monitoring}`)
  t.regex(well.get('cosigning')?.found ?? '', /whatever any participant asks for/)

  // Doubtful for good here: one endpoint, and nobody is told. The service may just be at something.
  const [beside, doubtful] = [await examine(t, serviceAt(devnet, 0), 'backup'), ['RPC endpoints', 'notifications']]
  for (const [check, { verdict, found }] of beside) {
    if (check !== 'service') t.is(verdict, doubtful.includes(check) ? 'doubtful' : 'well', `${check}: ${found}`)
  }
  t.regex(beside.get('contract')?.found ?? '', /^holdfast, Running/)
  t.regex(beside.get('node answer')?.found ?? '', /its share of epoch 0: proved genuine/)
  t.regex(beside.get('backups open')?.found ?? '', /opens the newest, epoch-0-/)

  const bob = presentMachine(operatorAt(devnet, 1))
  await bob.process?.end('SIGTERM')
  const left = await examine(t, serviceAt(devnet, 1), 'backup')
  t.deepEqual(
    [...left.values()].filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check),
    ['node port'],
  )
  const stopped = await examine(t, bob)
  t.is(stopped.get('process')?.verdict, 'doubtful')
  t.is(stopped.get('shares on disk')?.found, 'epoch 0, domain 0')
  t.regex(stopped.get('peer alice.test.near')?.found ?? '', /answers at .* under its key/)
  // Alice's monitoring has the port that bob's config names, and his policy is a program that is not there.
  await changeConfig(bob, {
    monitoring: { port: monitoring },
    cosign: { policy: 'command', command: ['/nowhere/may-sign'] },
  })
  const misconfigured = await examine(t, bob)
  t.is(misconfigured.get(`port ${monitoring}`)?.verdict, 'wrong')
  t.regex(misconfigured.get('cosigning')?.found ?? '', /cannot be run, so that it signs nothing/)
  await changeConfig(bob, { rpc_urls: [`http://127.0.0.1:${await freePorts(1)}`] })
  t.regex((await examine(t, bob)).get('contract')?.todo ?? '', /^see the lines of the RPC endpoints/)
  await chmod(join(bob.home, 'identity.json'), 0o644)
  t.is((await examine(t, bob)).get('keys')?.verdict, 'wrong')
  await rm(join(bob.home, 'config.json'))
  t.is((await examine(t, bob)).get('configuration')?.verdict, 'wrong')

  // A new machine that nobody has authorised yet.
  const fresh = await addMachine(devnet, operatorAt(devnet, 2))
  const lacking = await examine(t, fresh)
  t.regex(lacking.get('place in the network')?.todo ?? '', /holdfast authorise --tls-key/)
  t.regex(lacking.get('access key')?.found ?? '', /no function-call key/)
  const text = (await runHoldfast(['node', 'doctor', '--home', fresh.home])).stdout
  t.regex(text, /^✘ /)
  t.regex(text, /\d+ wrong, \d+ doubtful, \d+ well\n$/)
})
