import { nodeStatus } from '@holdfast/node/control-client.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import type { Machine } from '@holdfast/cli/devnet/operator.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'

/** Waits until a running node is in a phase (and its sentence fits); returns what it says it waits for. */
export function nodeSays(
  devnet: Devnet,
  machine: Machine,
  phase: string,
  fits: (text: string) => boolean = () => true,
): Promise<string> {
  return waitUntil(
    `${machine.name} to say ${phase}`,
    async () => {
      const status = await nodeStatus(machine.home)
      const text = String(status['waiting_for'])
      if (status['phase'] === phase && fits(text)) return text
      throw new Error(`it says ${String(status['phase'])}: ${text}`)
    },
    { deadlineMs: 30_000, signal: devnet.signal },
  )
}
