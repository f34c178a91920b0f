import { addMachine } from '@holdfast/cli/devnet/machines.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { waitForFinalKeys } from '@holdfast/cli/devnet/final-keys.ts'
import { createAccountActions, newKey } from '@holdfast/cli/devnet/new-account.ts'
import { OPERATOR_NAMES, presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { performAs } from '@holdfast/cli/devnet/set-up.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { planAuthorisation } from '@holdfast/cli/operator/plan.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'

/** An operator who takes no part yet: an account, a machine on disk and its access key. It is the last of the devnet's. */
export async function addNewcomer(devnet: Devnet): Promise<Operator> {
  const { root, rpcUrl } = devnet.chain
  const name = OPERATOR_NAMES[devnet.operators.length] ?? 'zoe'
  const newcomer: Operator = {
    name,
    accountId: `${name}.${root.accountId}`,
    ...newKey(),
    machines: [],
    backup: undefined,
  }
  const sender = createTransactionSender({ endpoints: [rpcUrl], accountId: root.accountId, signerSeed: root.seed })
  try {
    await sender.send(newcomer.accountId, createAccountActions(newcomer.publicKey), { signal: devnet.signal })
  } finally {
    sender.close()
  }
  await waitForFinalKeys({ rpcUrl, signal: devnet.signal }, [newcomer])
  devnet.operators.push(newcomer)
  const machine = await addMachine(devnet, newcomer)
  const [accessKey] = planAuthorisation(machine)
  if (accessKey !== undefined) await performAs(devnet, newcomer, [accessKey])
  return newcomer
}

/** The operator's present node is a participant in the final state of this epoch. */
export function takesPart(devnet: Devnet, operator: Operator): Promise<true> {
  return waitUntil(
    `${operator.name} to take part`,
    async () => {
      const { state } = await devnet.reader.readView(devnet.signal)
      const members = state.kind === 'Running' ? state.state.parameters.participants.participants : []
      const own = members.find(([account]) => account === operator.accountId)
      return own?.[2].tls_public_key === presentMachine(operator).tlsKey ? (true as const) : undefined
    },
    { deadlineMs: 120_000, signal: devnet.signal },
  )
}
