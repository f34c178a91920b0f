import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { concludeMigration } from './contract-calls.ts'
import type { NearMpcMachine, NearMpcNetwork } from './network.ts'

const DEADLINE_MS = 120_000

/** Waits for a final view. `performance.now()` of the moment it was there; looked for every 50 ms. */
export async function waitForFinal(
  { devnet }: NearMpcNetwork,
  what: string,
  holds: (view: ContractView) => boolean,
): Promise<number> {
  const look = async (): Promise<number | undefined> =>
    holds(await devnet.reader.readView(devnet.signal)) ? performance.now() : undefined
  return waitUntil(what, look, { deadlineMs: DEADLINE_MS, signal: devnet.signal })
}

/** True once the contract names the machine as where its operator's node moves to. */
export function isDestination({ migrationInfo }: ContractView, { accountId, tls }: NearMpcMachine): boolean {
  return migrationInfo[accountId]?.[1]?.destination_node_info.tls_public_key === tls.publicKey
}

/**
 * What near/mpc's node does once its shares are imported: it concludes with its own access key and the keyset as it stands
 * in the contract, and looks there whether that took effect.
 */
export async function concludeOnceImported(network: NearMpcNetwork, machine: NearMpcMachine): Promise<void> {
  const { transcript } = network
  await machine.process?.waitFor('IMPORTED')
  const state = (await network.stateJson()) as { Running: { keyset: Record<string, never> } }
  await concludeMigration(network, machine, state.Running.keyset)
  await waitForFinal(network, `${machine.name} to be the node`, (view) => {
    const info = participantOf(view.state, machine.accountId)?.info
    return info?.tls_public_key === machine.tls.publicKey && !isDestination(view, machine)
  })
  transcript.tell(`node ${machine.name}`, 'conclude_node_migration: the contract names it as the node now')
}
