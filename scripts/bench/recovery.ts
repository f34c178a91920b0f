import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine } from '@holdfast/cli/devnet/machines.ts'
import type { Operator } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { recoverMachine } from '@holdfast/cli/demo/recover.ts'

/**
 * Loses these operators' machines and lets new ones recover, all authorised in final state before the first starts.
 * @returns seconds from the first process start until the last of them has signed for the first time
 */
export async function measureRecovery(devnet: Devnet, operators: readonly Operator[]): Promise<number> {
  await Promise.all(operators.map(destroyMachine))
  for (const operator of operators) await addMachine(devnet, operator)
  await Promise.all(operators.map((operator) => authoriseMachine(devnet, operator)))
  const started = performance.now()
  await Promise.all(operators.map((operator) => recoverMachine(devnet, operator, () => undefined)))
  const seconds = (performance.now() - started) / 1000
  await waitForView(devnet, 'the recoveries to be final', (view) =>
    operators.every((operator) => hasRecovered(view, operator)),
  )
  return seconds
}
