import { waitForFinalKeys } from '@holdfast/cli/devnet/final-keys.ts'
import { senderOf } from '@holdfast/cli/devnet/set-up.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { NearMpcMachine, NearMpcNetwork, NearMpcOperator } from './network.ts'
import { presentMachine } from './network.ts'

/**
 * What near/mpc's operators and nodes send to its contract, with the arguments of near/mpc's own calls
 * (tests/vectors/near-mpc-contract.json holds a recorded run).
 */

/** Long enough for a loaded machine: in real time this is two minutes. */
const KEY_EVENT_TIMEOUT_BLOCKS = 600
const ONE_YOCTO = 1n

/** The first participants, with their present machines, in the order of their ids. */
export async function initialise(network: NearMpcNetwork, members: readonly NearMpcOperator[]): Promise<void> {
  const [first] = members
  if (first === undefined) throw new RangeError('a network has participants')
  const parameters = parametersOf(network, members, members.length)
  const init_config = { key_event_timeout_blocks: KEY_EVENT_TIMEOUT_BLOCKS }
  await network.call(first, 'init', { parameters, init_config })
}

/** What a node does at its start: its access key is there, limited to the contract, and it proves what it runs on. */
export async function admitMachine(
  network: NearMpcNetwork,
  operator: NearMpcOperator,
  machine: NearMpcMachine,
): Promise<void> {
  const { devnet } = network
  const { publicKey } = machine.signer
  await senderOf(devnet, operator.accountId)(operator.key.seed, operator.accountId, [
    { kind: 'addFunctionCallKey', publicKey, receiverId: devnet.contractId, methods: [] },
  ])
  const chain = { rpcUrl: devnet.chain.rpcUrl, signal: devnet.signal }
  await waitForFinalKeys(chain, [{ accountId: operator.accountId, publicKey }])
  await callAsNode(network, machine, 'submit_participant_info', {
    proposed_participant_attestation: { Mock: 'Valid' },
    tls_public_key: machine.tls.publicKey,
  })
}

/** A call of a node, with the access key that can attach no deposit. */
export async function callAsNode(
  network: NearMpcNetwork,
  { accountId, signer }: NearMpcMachine,
  method: string,
  args: Json,
): Promise<void> {
  await network.call({ accountId, key: signer }, method, args)
}

export async function registerBackupService(
  network: NearMpcNetwork,
  operator: NearMpcOperator,
  publicKey: string,
): Promise<void> {
  const args = { backup_service_info: { public_key: publicKey } }
  await network.call(operator, 'register_backup_service', args, ONE_YOCTO)
}

/** The operator's word that his node moves: to whom the backup service then gives the shares. */
export async function startMigration(
  network: NearMpcNetwork,
  operator: NearMpcOperator,
  to: NearMpcMachine,
): Promise<void> {
  const args = {
    destination_node_info: {
      signer_account_pk: to.signer.publicKey,
      destination_node_info: { url: urlOf(network, to), tls_public_key: to.tls.publicKey },
    },
  }
  await network.call(operator, 'start_node_migration', args, ONE_YOCTO)
}

/** What the new node sends once it has imported the shares: the keyset exactly as the contract has it. */
export async function concludeMigration(network: NearMpcNetwork, machine: NearMpcMachine, keyset: Json): Promise<void> {
  await callAsNode(network, machine, 'conclude_node_migration', { keyset })
}

/** Participants as the contract writes them. */
export function parametersOf(
  network: NearMpcNetwork,
  members: readonly NearMpcOperator[],
  next_id: number,
): { participants: Json; threshold: number } {
  const participants = members.map((operator): Json => {
    const machine = presentMachine(operator)
    const info = { url: urlOf(network, machine), tls_public_key: machine.tls.publicKey }
    return [operator.accountId, operator.participantId, info]
  })
  return { participants: { next_id, participants }, threshold: network.devnet.threshold }
}

function urlOf({ devnet }: NearMpcNetwork, { address }: NearMpcMachine): string {
  return `http://${address}:${devnet.ports.mesh}`
}
