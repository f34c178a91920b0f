import type { Devnet } from './devnet.ts'
import { addBackupMachine, addMachine, startBackupMachine, startMachine } from './machines.ts'
import { presentMachine, type Operator } from './operator.ts'
import {
  authoriseMachine,
  createAccounts,
  initialise,
  nameOperators,
  registerBackupMachine,
  voteForKeys,
} from './set-up.ts'
import { waitForBackup, waitForView } from './waits.ts'

/** Operators with accounts, machines and backup services on disk, and the contract; no process of theirs runs yet. */
export async function prepareOperators(devnet: Devnet, count: number, wasm: Uint8Array): Promise<void> {
  nameOperators(devnet, count)
  for (const operator of devnet.operators) {
    await addMachine(devnet, operator)
    await addBackupMachine(devnet, operator)
  }
  await initialise(devnet, await createAccounts(devnet, wasm))
  await Promise.all(devnet.operators.map((operator) => admit(devnet, operator)))
}

/** Lets an operator's node and backup service act for its account. */
async function admit(devnet: Devnet, operator: Operator): Promise<void> {
  await authoriseMachine(devnet, operator)
  await registerBackupMachine(devnet, operator)
}

/** Starts every node and every backup service. */
export function startEverything(devnet: Devnet): void {
  for (const operator of devnet.operators) {
    startMachine(devnet, presentMachine(operator))
    if (operator.backup !== undefined) startBackupMachine(devnet, operator.backup)
  }
}

/** Votes for keys `first` to `first + count - 1` and waits until they are generated. */
export async function generateKeys(devnet: Devnet, count: number, first = 0): Promise<void> {
  await voteForKeys(devnet, count, first)
  await waitForKeys(devnet, first + count)
}

/** Waits until the contract is Running with that many keys. */
export async function waitForKeys(devnet: Devnet, count: number): Promise<void> {
  await waitForView(
    devnet,
    'the keys',
    ({ state }) => state.kind === 'Running' && state.state.keyset.domains.length === count,
  )
}

/** Waits until every operator's backup service has every live share. */
export async function waitForBackups(devnet: Devnet): Promise<void> {
  await Promise.all(devnet.operators.map((operator) => waitForBackup(devnet, operator)))
}
