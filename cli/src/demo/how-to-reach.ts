import { join, relative } from 'node:path'
import type { Devnet } from '../devnet/devnet.ts'
import { presentMachine } from '../devnet/operator.ts'

/** What a person does with each part of a network that was left running. */
export function howToReach(devnet: Devnet): Record<string, string> {
  const { chain, contractId, directory, operators, ports } = devnet
  const holdfast = `./${relative(process.cwd(), join(import.meta.dirname, '..', '..', '..', 'holdfast'))}`
  const first = operators[0]
  if (first === undefined) return {}
  const { home } = presentMachine(first)
  return {
    'chain (NEAR RPC)': chain.rpcUrl,
    contract: contractId,
    files: directory,
    logs: join(directory, 'logs'),
    'network status': `${holdfast} status --home ${home}`,
    'have it sign': `${holdfast} sign --home ${home} --domain 0 --message hello`,
    ...Object.fromEntries(
      operators.map((operator) => {
        const machine = presentMachine(operator)
        return [
          `node of ${operator.name}`,
          `${machine.address}:${ports.mesh}, pid ${machine.process?.pid}, ${machine.home}`,
        ]
      }),
    ),
    ...Object.fromEntries(
      operators.map(({ name, backup }) => [`backup of ${name}`, `pid ${backup?.process?.pid}, ${backup?.home}`]),
    ),
  }
}
