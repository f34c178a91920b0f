import type { Devnet } from '../devnet/devnet.ts'
import { addBackupMachine, addMachine, startBackupMachine, startMachine } from '../devnet/machines.ts'
import { presentMachine } from '../devnet/operator.ts'
import { authoriseMachine, createAccounts, initialise, nameOperators, registerBackupMachine } from '../devnet/set-up.ts'
import { waitForView } from '../devnet/waits.ts'
import type { Story } from './story.ts'

/** Accounts, contract, machines: until the contract is Running, without any key yet. */
export async function setUp(
  devnet: Devnet,
  story: Story,
  plan: { operators: number; wasm: Uint8Array },
): Promise<void> {
  nameOperators(devnet, plan.operators)
  const { operators } = devnet
  await story.step('set up the machines', async () => {
    for (const operator of operators) {
      await addMachine(devnet, operator)
      await addBackupMachine(devnet, operator)
    }
    const addresses = operators.map((operator) => presentMachine(operator).address)
    return {
      value: undefined,
      detail: `${addresses[0]} … ${addresses.at(-1)}, each with a backup`,
    }
  })
  await story.step('create accounts, deploy the contract', async (note) => {
    const contractKey = await createAccounts(devnet, plan.wasm)
    note('init')
    await initialise(devnet, contractKey)
    return { value: undefined, detail: `${devnet.contractId}; ${operators.map(({ name }) => name).join(', ')}` }
  })
  await story.step('authorise nodes, register backups', async () => {
    await Promise.all(
      operators.map(async (operator) => {
        await authoriseMachine(devnet, operator)
        await registerBackupMachine(devnet, operator)
      }),
    )
    return { value: undefined, detail: "by the operators' full-access keys" }
  })
  await story.step('start the processes', async () => {
    for (const operator of operators) {
      startMachine(devnet, presentMachine(operator))
      if (operator.backup !== undefined) startBackupMachine(devnet, operator.backup)
    }
    await waitForView(devnet, 'the contract to be Running', ({ state }) => state.kind === 'Running')
    return { value: undefined, detail: `${operators.length} nodes, ${operators.length} backup services` }
  })
}
