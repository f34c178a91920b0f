import { nodeStatus, signMessage } from '@holdfast/node/control-client.ts'
import { expectRunning } from '../devnet/child-processes.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { startMachine } from '../devnet/machines.ts'
import { presentMachine, type Operator } from '../devnet/operator.ts'
import { waitUntil } from '../devnet/wait-until.ts'
import { freshMessage, record } from './sign.ts'
import { secondsSince, type Story } from './story.ts'
import type { SignatureTime } from './events.ts'

const DEADLINE_MS = 120_000
const ASK_EVERY_MS = 50

/** How one recovery went: seconds from the start of the process to the first signature that this node took part in. */
export type Recovered = { seconds: number; signers: string[] }

/**
 * Starts an authorised machine and waits, without doing anything else for it, until its node has signed.
 * @param onPhase told what the node says it does
 */
export async function recoverMachine(
  devnet: Devnet,
  operator: Operator,
  onSigned: (domain: number, message: Uint8Array, made: Awaited<ReturnType<typeof signMessage>>) => void,
  onPhase: (phase: string) => void = () => undefined,
): Promise<Recovered> {
  const machine = presentMachine(operator)
  startMachine(devnet, machine)
  const domain = 0
  const message = freshMessage('first signature', domain)
  const made = await waitUntil(
    `${machine.name} to recover`,
    async () => {
      expectRunning(machine.process)
      const { phase } = await nodeStatus(machine.home)
      onPhase(String(phase))
      return phase === 'participating' ? await signMessage(machine.home, BigInt(domain), message) : undefined
    },
    { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: ASK_EVERY_MS },
  )
  const seconds = secondsSince(machine.startedAt)
  onSigned(domain, message, made)
  return { seconds, signers: made.signers }
}

/** A recorder of signatures for one time of the story. */
export function recorder(story: Story, when: SignatureTime): Parameters<typeof recoverMachine>[2] {
  return (domain, message, made) => record(story, when, domain, message, made)
}

/** A node's phase in words. */
export function phaseInWords(phase: string): string {
  return PHASES[phase] ?? phase
}
const PHASES: Record<string, string> = {
  starting: 'reads the contract',
  waitingForAuthorization: 'waits for its authorisation',
  authorizedKeysDiffer: 'sees that other keys are authorised',
  requestRecovery: 'asks the contract for its recovery',
  awaitingShares: 'waits for its shares',
  participating: 'meets its peers',
}
