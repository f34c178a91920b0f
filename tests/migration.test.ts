import { randomBytes } from 'node:crypto'
import { access, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, startBackupMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Machine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { performAs } from '@holdfast/cli/devnet/set-up.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { groupKeys, hasRecovered, waitForBackup, waitForView } from '@holdfast/cli/devnet/waits.ts'
import type { NetworkStatus } from '@holdfast/cli/network-status/network-status.ts'
import { planMove } from '@holdfast/cli/operator/plan.ts'
import { signMessage } from '@holdfast/node/control-client.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { keyFileOf } from './support/key-file.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { nodeSays } from './support/node-says.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns, verifies } from './support/signing.ts'

/**
 * A planned move of an operator's node to another machine (protocol.md 2.2), with the compiled contract and real processes.
 * Each story fails if signing pauses, a share has to be carried by hand, two nodes take part for one account, or a machine
 * keeps shares that it is not to have.
 */
const THREE: Parameters<typeof startNetwork>[1] = { nodes: 3, threshold: 2, domains: 1 }

/** Several in every second, and the machine is left some time for what it is about. */
const BETWEEN_SIGNATURES_MS = 200

/** Holds the delivery up: the move stays pending until `startBackup`. */
async function stopBackup({ backup }: Operator): Promise<void> {
  await backup?.process?.end('SIGTERM')
}

function startBackup(devnet: Devnet, { backup }: Operator): void {
  if (backup !== undefined) startBackupMachine(devnet, backup)
}

/** Runs an operator's command for a home, with the key file. */
async function order(devnet: Devnet, operator: Operator, command: string, home: string, ...args: string[]) {
  const { file } = await keyFileOf(devnet, operator)
  return runHoldfast([command, '--home', home, '--key-file', file, ...args])
}

/** Has a node sign one message after the other until told to stop. Every one must be made; returns how many were. */
function signOnAndOn(t: ExecutionContext, { home }: Machine, key: string): { made(): number; stop(): Promise<number> } {
  let made = 0
  let goesOn = true
  const ended = (async () => {
    while (goesOn) {
      const message = randomBytes(16)
      const { signature } = await signMessage(home, 0n, message)
      t.true(verifies(key, message, signature))
      made += 1
      await delay(BETWEEN_SIGNATURES_MS)
    }
  })()
  ended.catch((error: unknown) => t.fail(`signing paused after ${made} signatures: ${String(error)}`))
  return {
    made: () => made,
    async stop() {
      goesOn = false
      await ended
      return made
    },
  }
}

async function signsMore(devnet: Devnet, signing: { made(): number }): Promise<void> {
  const before = signing.made()
  const more = () => Promise.resolve(signing.made() > before + 1 ? true : undefined)
  await waitUntil('further signatures', more, { deadlineMs: 60_000, signal: devnet.signal })
}

async function assertReplaced(t: ExecutionContext, machine: Machine): Promise<void> {
  t.deepEqual(await machine.process?.ended, { code: EXIT_CODES.tombstone, signal: null }, machine.name)
}

function has(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

test('an operator who moves by plan, and back - should never stop the network, nor carry a share', async (t) => {
  const devnet = await startNetwork(t, THREE)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const bob = operatorAt(devnet, 1)
  const first = presentMachine(bob)
  const second = await addMachine(devnet, bob)
  await stopBackup(bob)
  const signing = signOnAndOn(t, presentMachine(operatorAt(devnet, 0)), keys['0'] ?? '')

  // What would send everybody to nowhere, or to somebody else, is refused before anything is sent.
  const silent = await order(devnet, bob, 'migrate', second.home)
  t.is(silent.code, EXIT_CODES.checkFailed, silent.stderr)
  t.regex(silent.stderr, /does not answer at http:.*DESTINATION_UNREACHABLE/)
  startMachine(devnet, second)
  await nodeSays(devnet, second, 'waitingForAuthorization', (text) => text.includes('holdfast migrate'))
  const elsewhere = await order(
    devnet,
    bob,
    'migrate',
    second.home,
    '--url',
    `http://${first.address}:${devnet.ports.mesh}`,
  )
  t.is(elsewhere.code, EXIT_CODES.checkFailed, elsewhere.stderr)
  t.regex(elsewhere.stderr, /another node .* answers.*DESTINATION_WRONG_KEY/)
  const dry = await order(devnet, bob, 'migrate', second.home, '--dry-run')
  t.is(dry.code, EXIT_CODES.ok, dry.stderr)
  t.is(dry.stdout.trim().split('\n').length, 2)

  const ordered = await order(devnet, bob, 'migrate', second.home)
  t.is(ordered.code, EXIT_CODES.ok, ordered.stderr)
  t.true(ordered.stderr.includes(`public-keys ${first.signerKey} `), 'what to delete afterwards')
  t.false(`${ordered.stdout}${ordered.stderr}`.includes((await keyFileOf(devnet, bob)).secret))
  await nodeSays(devnet, second, 'awaitingShares', (text) => text.includes('planned move'))
  const status = await runHoldfast(['status', '--home', first.home, '--json'])
  const [, ofBob] = (JSON.parse(status.stdout) as NetworkStatus).operators
  t.is(ofBob?.planned_move?.destination_tls_key, second.tlsKey)
  const doctor = await runHoldfast(['node', 'doctor', '--home', first.home])
  t.is(doctor.code, EXIT_CODES.ok, doctor.stdout)
  t.regex(doctor.stdout, new RegExp(`planned move[^]*${second.tlsKey}[^]*cancel-migration`))
  // Until the contract concludes it is the present node that signs, and says so.
  await nodeSays(devnet, first, 'participating', (text) => text.includes(second.tlsKey))
  const message = randomBytes(16)
  const byFirst = await signMessage(first.home, 0n, message)
  t.true(byFirst.signers.includes(bob.accountId) && verifies(keys['0'] ?? '', message, byFirst.signature))
  await signsMore(devnet, signing)

  startBackup(devnet, bob)
  const states = new Set<string>()
  const arrived = (view: Parameters<typeof hasRecovered>[0]) => hasRecovered(view, bob)
  await waitForView(devnet, 'the move', arrived, ({ state }) => states.add(state.kind))
  await assertReplaced(t, first)
  await assertSigns(t, devnet, bob, keys)
  await waitForBackup(devnet, bob)
  await signsMore(devnet, signing)

  // A disk image of the old machine, from before the move.
  const image = join(devnet.directory, 'image-of-bob')
  const fromBefore = (path: string) => !path.endsWith('.sock') && !path.endsWith('tombstone.json')
  await cp(first.home, image, { recursive: true, filter: fromBefore, mode: 0, preserveTimestamps: true })
  const restored: Machine = { ...first, name: 'bob-image', home: image, process: undefined }
  startMachine(devnet, restored)
  await assertReplaced(t, restored)

  t.is((await runHoldfast(['node', 'unbury', '--home', first.home])).code, EXIT_CODES.ok)
  startMachine(devnet, first)
  await nodeSays(devnet, first, 'waitingForAuthorization')
  bob.machines.push(first)
  const back = await order(devnet, bob, 'migrate', first.home)
  t.is(back.code, EXIT_CODES.ok, back.stderr)
  const { state } = await waitForView(devnet, 'the move back', arrived, (view) => states.add(view.state.kind))
  await assertReplaced(t, second)
  await assertSigns(t, devnet, bob, keys)
  await signsMore(devnet, signing)
  await signing.stop()
  t.is(participantOf(state, bob.accountId)?.info.incarnation, 2n)
  t.deepEqual([...states], ['Running'], 'no recovery, at no time')
})

test('a move that is given up in its middle - should leave the destination without a share, and may be ordered again', async (t) => {
  const devnet = await startNetwork(t, THREE)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const bob = operatorAt(devnet, 1)
  const first = presentMachine(bob)
  const second = await addMachine(devnet, bob)
  const url = `http://${second.address}:${devnet.ports.mesh}`
  const sharesFile = join(second.home, 'shares', 'permanent.json')
  startMachine(devnet, second)

  // With the present node's signer key nobody could conclude: both keys are named, and nothing is brought.
  const [, wrong] = planMove({ ...second, signerKey: first.signerKey, url })
  if (wrong !== undefined) await performAs(devnet, bob, [wrong])
  const differ = await nodeSays(devnet, second, 'authorizedKeysDiffer')
  t.true(differ.includes(first.signerKey) && differ.includes(second.signerKey), differ)

  // The node has no access key on the account: the shares come, and it cannot conclude.
  const [, withoutKey] = planMove({ ...second, url })
  if (withoutKey !== undefined) await performAs(devnet, bob, [withoutKey])
  const brought = async () => ((await has(sharesFile)) ? true : undefined)
  await waitUntil('the shares', brought, { deadlineMs: 60_000, signal: devnet.signal })
  const cancelled = await order(devnet, bob, 'cancel-migration', second.home)
  t.is(cancelled.code, EXIT_CODES.ok, cancelled.stderr)
  t.true(cancelled.stderr.includes(`public-keys ${second.signerKey} `), 'whose access key to delete')
  await nodeSays(devnet, second, 'waitingForAuthorization')
  t.false(await has(sharesFile))
  const nothing = await order(devnet, bob, 'cancel-migration', second.home)
  t.is(nothing.code, EXIT_CODES.chain)
  t.regex(nothing.stderr, /NO_MOVE/)
  const { state } = await devnet.reader.readView(devnet.signal)
  t.is(participantOf(state, bob.accountId)?.info.tls_public_key, first.tlsKey)
  t.true((await signMessage(first.home, 0n, randomBytes(8))).signers.includes(bob.accountId))

  t.is((await order(devnet, bob, 'migrate', second.home)).code, EXIT_CODES.ok)
  await waitForView(devnet, 'the move', (view) => hasRecovered(view, bob))
  await assertReplaced(t, first)
  await assertSigns(t, devnet, bob, keys)
})

test('a move while the network reshares - should wait for it, and end with the shares of the new epoch', async (t) => {
  const devnet = await startNetwork(t, THREE)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const [bob, carol] = [operatorAt(devnet, 1), operatorAt(devnet, 2)]
  const first = presentMachine(bob)
  const second = await addMachine(devnet, bob)
  await stopBackup(bob)
  startMachine(devnet, second)
  await nodeSays(devnet, second, 'waitingForAuthorization')
  t.is((await order(devnet, bob, 'migrate', second.home)).code, EXIT_CODES.ok)
  await nodeSays(devnet, second, 'awaitingShares')

  // Without carol's node the resharing cannot end.
  await presentMachine(carol).process?.end('SIGTERM')
  await voteToReshare(devnet, devnet.operators, 2)
  await nodeSays(devnet, second, 'waitingForRunning', (text) => text.includes('Resharing'))
  const tooLate = await order(devnet, bob, 'migrate', second.home)
  t.is(tooLate.code, EXIT_CODES.chain)
  t.regex(tooLate.stderr, /being reshared.*MOVE_IMPOSSIBLE/)
  startBackup(devnet, bob)
  startMachine(devnet, presentMachine(carol))
  const view = await waitForView(devnet, 'the move in the new epoch', (found) => hasRecovered(found, bob))
  t.is(view.state.kind === 'Running' ? view.state.state.keyset.epoch_id : undefined, 1n)
  await assertReplaced(t, first)
  t.deepEqual(groupKeys(view), keys)
  await assertSigns(t, devnet, bob, keys)
  await waitForBackup(devnet, bob)
})
