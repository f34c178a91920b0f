import { setTimeout as delay } from 'node:timers/promises'
import type { ChildProcess } from '@holdfast/cli/devnet/child-processes.ts'
import { startBackupMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'

const RESTART_AFTER_MS = 150

/** Restarts what dies, as an operator's process supervisor does. */
export type Supervisor = {
  /** Every process of the network that runs at this moment, but the chain's. */
  running(): ChildProcess[]
  /** Looks after a process no longer, whatever becomes of it. */
  letGo(process: ChildProcess | undefined): void
  stop(): Promise<void>
}

/** Supervises the present node and the backup service of every operator. */
export function supervise(devnet: Devnet): Supervisor {
  const letGo = new Set<ChildProcess>()
  let stopped = false
  const look = (): void => {
    for (const operator of devnet.operators) {
      const { backup } = operator
      const machine = presentMachine(operator)
      if (isDead(machine.process)) startMachine(devnet, machine)
      if (backup !== undefined && isDead(backup.process)) startBackupMachine(devnet, backup)
    }
  }
  const isDead = (process: ChildProcess | undefined): boolean =>
    process !== undefined && process.ending() !== undefined && !letGo.has(process)
  const loop = (async () => {
    while (!stopped) {
      await delay(RESTART_AFTER_MS)
      if (!stopped) look()
    }
  })()
  return {
    running: () =>
      devnet.operators
        .flatMap((operator) => [presentMachine(operator).process, operator.backup?.process])
        .filter((process): process is ChildProcess => process !== undefined && process.ending() === undefined),
    letGo: (process) => {
      if (process !== undefined) letGo.add(process)
    },
    async stop() {
      stopped = true
      await loop
    },
  }
}
