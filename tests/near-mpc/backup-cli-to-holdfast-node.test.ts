import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Machine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine, performAs } from '@holdfast/cli/devnet/set-up.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { planMove, planNearMpcRegistration } from '@holdfast/cli/operator/plan.ts'
import { readNodeConfig, writeNodeConfig } from '@holdfast/node/config/config.ts'
import { nodeStatus } from '@holdfast/node/control-client.ts'
import { openShareDirectory } from '@holdfast/node/storage/share-directory.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { operatorAt, prepareNetwork } from '../support/network.ts'
import { assertSigns } from '../support/signing.ts'
import { peersTest } from './support/live-test.ts'
import { rpcForBackupCli } from './support/newer-rpc.ts'
import {
  newBackupCli,
  newPeerBackup,
  printedRegistration,
  runUntilStored,
  type NearMpcClient,
  type NodeAddress,
} from './support/near-mpc-client.ts'

const AES_KEY_HEX = randomBytes(32).toString('hex')
const DEADLINE_MS = 120_000

/**
 * near/mpc's own programs, unmodified, with Holdfast nodes on a network of Holdfast's: what an operator has in his hands
 * goes on working. Fails if a node answers what they do not understand, or takes a share that is not its own.
 */
peersTest(
  "near/mpc's backup-cli and client - should back up Holdfast nodes, and bring back what those lost",
  async (t, programs) => {
    t.timeout(600_000)
    const devnet = await prepareNetwork(t, { nodes: 3, threshold: 2, domains: 2 })
    const [alice, bob, carol] = [operatorAt(devnet, 0), operatorAt(devnet, 1), operatorAt(devnet, 2)]
    for (const operator of devnet.operators) {
      await configureAesKey(presentMachine(operator))
      startMachine(devnet, presentMachine(operator))
    }
    await generateKeys(devnet, 2)

    const cli = await newBackupCli(programs, join(devnet.directory, 'backup-cli'))
    const printed = await printedRegistration(programs, cli.home, devnet.contractId, alice.accountId)
    t.is(printed.method, 'register_backup_service')
    t.deepEqual(JSON.parse(printed.args), { backup_service_info: { public_key: cli.publicKey } })
    await register(devnet, alice, cli)
    await backUp(t, devnet, alice, cli)

    const chain = { rpcUrl: await rpcForBackupCli(t, devnet.chain.rpcUrl), contractId: devnet.contractId }
    const automatic = await runUntilStored(programs, cli.home, addressOf(devnet, alice), chain, (look) =>
      waitUntil('backup-cli run to store the shares', look, { deadlineMs: DEADLINE_MS, signal: devnet.signal }),
    )
    t.is(automatic.run.code, 0, automatic.run.output)
    t.is(automatic.shares, await sharesOf(presentMachine(alice)), 'by `backup-cli run`, over the RPC')

    const client = await newPeerBackup(programs, join(devnet.directory, 'peer-backup'))
    await register(devnet, bob, client)
    await backUp(t, devnet, bob, client)

    const mover = await newBackupCli(programs, join(devnet.directory, 'backup-cli-of-carol'))
    await register(devnet, carol, mover)
    await backUp(t, devnet, carol, mover)

    await loseAndBringBack(t, devnet, alice, cli)
    await loseAndBringBack(t, devnet, bob, client, async (node) => {
      const wrong = await client.putShares(node, await sharesOf(presentMachine(alice)))
      t.not(wrong.code, 0)
      t.regex(wrong.output, /422.*KEYSHARE_NOT_ON_POLYNOMIAL/, "another participant's shares")
      const none = await client.putShares(node, '[]')
      t.not(none.code, 0)
      t.regex(none.output, /422.*KEYSHARE_MISSING/, 'no share')
      const { stateJson } = await devnet.reader.readView(devnet.signal)
      const meanwhile = await cli.get(addressOf(devnet, alice), stringifyJson(stateJson))
      t.regex(meanwhile.run.output, /unknown variant `Recovery`/, "a state that near/mpc's programs do not know")
    })
    await move(t, devnet, carol, mover)
  },
)

/** What an operator does: the key in a file (0600) that config.json names. */
async function configureAesKey(machine: Machine): Promise<void> {
  const file = join(machine.home, 'backup_encryption_key.hex')
  await writeFile(file, AES_KEY_HEX, { mode: 0o600 })
  const config = await readNodeConfig(machine.home)
  await writeNodeConfig(machine.home, { ...config, backup_encryption_key_hex_file: file, shares_from: 'backup' })
}

/** near/mpc's registration, without the signer key that Holdfast's own backup service adds. */
async function register(devnet: Devnet, operator: Operator, client: NearMpcClient): Promise<void> {
  await performAs(devnet, operator, planNearMpcRegistration({ tlsKey: client.publicKey }))
  await waitForView(
    devnet,
    `the registration of ${client.name}`,
    ({ migrationInfo }) => migrationInfo[operator.accountId]?.[0]?.public_key === client.publicKey,
  )
}

/** Fetches the shares by the contract's own JSON, and compares them with the node's disk. */
async function backUp(t: ExecutionContext, devnet: Devnet, operator: Operator, client: NearMpcClient): Promise<void> {
  const { stateJson } = await devnet.reader.readView(devnet.signal)
  const { run, shares } = await waitUntil(
    `${client.name} to be let in, for the node to see its registration`,
    async () => {
      const got = await client.get(addressOf(devnet, operator), stringifyJson(stateJson))
      if (got.run.code !== 0) throw new Error(got.run.output)
      return got
    },
    { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 500 },
  )
  t.is(run.code, 0, run.output)
  t.is(stringifyJson(parseJson(shares, 'the shares')), await sharesOf(presentMachine(operator)), `by ${client.name}`)
}

/** A fire, a new machine, and the shares by hand: the node proves, stores, concludes and signs. */
async function loseAndBringBack(
  t: ExecutionContext,
  devnet: Devnet,
  operator: Operator,
  client: NearMpcClient,
  first: (node: NodeAddress) => Promise<void> = async () => undefined,
): Promise<void> {
  await destroyMachine(operator)
  const machine = await addMachine(devnet, operator)
  await configureAesKey(machine)
  await authoriseMachine(devnet, operator)
  await bringShares(t, devnet, operator, client, first)
}

/** near/mpc's migration, step by step as its operators do it, from a node that goes on signing until the end. */
async function move(t: ExecutionContext, devnet: Devnet, operator: Operator, client: NearMpcClient): Promise<void> {
  const before = presentMachine(operator)
  const { address, name, tlsKey, signerKey } = await addMachine(devnet, operator)
  await configureAesKey(presentMachine(operator))
  const url = `http://${address}:${devnet.ports.mesh}`
  await performAs(devnet, operator, planMove({ tlsKey, signerKey, url }))
  await waitForView(
    devnet,
    `the move to ${name}`,
    ({ migrationInfo }) => migrationInfo[operator.accountId]?.[1]?.destination_node_info.tls_public_key === tlsKey,
  )
  await bringShares(t, devnet, operator, client)
  t.like(await before.process?.ended, { signal: null }, 'the node that was replaced has stopped by itself')
}

async function bringShares(
  t: ExecutionContext,
  devnet: Devnet,
  operator: Operator,
  client: NearMpcClient,
  first: (node: NodeAddress) => Promise<void> = async () => undefined,
): Promise<void> {
  const machine = presentMachine(operator)
  startMachine(devnet, machine)
  await waitUntil(
    `${machine.name} to await its shares`,
    async () => ((await nodeStatus(machine.home))['phase'] === 'awaitingShares' ? true : undefined),
    { deadlineMs: DEADLINE_MS, signal: devnet.signal },
  )
  await first(addressOf(devnet, operator))
  const run = await client.put(addressOf(devnet, operator))
  t.is(run.code, 0, run.output)
  const view = await waitForView(
    devnet,
    `${machine.name} to conclude`,
    (now) => now.state.kind === 'Running' && hasRecovered(now, operator),
  )
  await assertSigns(t, devnet, operator, groupKeys(view))
}

function addressOf({ ports }: Devnet, operator: Operator): NodeAddress {
  return { machine: presentMachine(operator), port: ports.keyshares, aesKeyHex: AES_KEY_HEX }
}

/** The shares on a machine's disk, in near/mpc's form. */
async function sharesOf({ home }: Machine): Promise<string> {
  const stored = await (await openShareDirectory(join(home, 'shares'), writeDurably)).readPermanent()
  return serializeKeyshares((stored?.shares ?? []).map(({ share }) => share))
}
