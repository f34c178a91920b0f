import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { backupStatus } from '@holdfast/backup-service/backup-status.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { liveKeyset } from '@holdfast/protocol/live-state.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { authoriseMachine, performAs } from '@holdfast/cli/devnet/set-up.ts'
import { hasRecovered } from '@holdfast/cli/devnet/waits.ts'
import { signMessage } from '@holdfast/node/control-client.ts'
import type { Supervisor } from './supervisor.ts'

/** What may happen to a network at any moment. */
export const EVENTS = ['sign', 'kill', 'stop', 'killBackup', 'partition', 'wipe', 'reshare', 'cancelResharing'] as const
export type SoakEvent = (typeof EVENTS)[number]

export type MadeSignature = { domain: number; message: Uint8Array; signature: Uint8Array }

/** What the events work on, and what they have done. */
export type Soak = {
  devnet: Devnet
  supervisor: Supervisor
  domains: number
  thresholds: readonly number[]
  random: () => number
  /** How often each kind happened; a kind that could not happen at its moment counts as `skipped`. */
  counts: Record<SoakEvent | 'skipped' | 'unsigned', number>
  signatures: MadeSignature[]
  /** What goes on in the background; never rejects. */
  underWay: Promise<void>[]
}

/** Lets one event happen to one operator; returns a line for the log. */
export async function happen(soak: Soak, event: SoakEvent, operator: Operator): Promise<string> {
  const { counts } = soak
  const done = await perform(soak, event, operator)
  counts[done ? event : 'skipped'] += 1
  return `${event} ${operator.name}${done ? '' : ': not now'}`
}

async function perform(soak: Soak, event: SoakEvent, operator: Operator): Promise<boolean> {
  const { devnet, random } = soak
  const machine = presentMachine(operator)
  switch (event) {
    case 'sign':
      soak.underWay.push(sign(soak, operator, Math.floor(random() * soak.domains)))
      return true
    case 'kill':
    case 'stop':
      if (machine.process?.ending() !== undefined) return false
      soak.underWay.push(ended(machine.process?.end(event === 'kill' ? 'SIGKILL' : 'SIGTERM')))
      return true
    case 'killBackup':
      if (operator.backup?.process?.ending() !== undefined) return false
      soak.underWay.push(ended(operator.backup?.process?.end('SIGKILL')))
      return true
    case 'partition':
      return partition(soak, machine.process?.pid, 500 + random() * 4_000)
    case 'wipe':
      if (!(await mayBeWiped(devnet, operator))) return false
      soak.supervisor.letGo(machine.process)
      await destroyMachine(operator)
      await addMachine(devnet, operator)
      soak.underWay.push(authoriseMachine(devnet, operator).catch(() => undefined))
      startMachine(devnet, presentMachine(operator))
      return true
    case 'reshare':
      return reshare(soak, soak.thresholds[Math.floor(random() * soak.thresholds.length)] ?? 2)
    case 'cancelResharing':
      return cancelResharing(devnet)
    default:
      event satisfies never
      throw new TypeError('unknown event')
  }
}

async function sign(soak: Soak, operator: Operator, domain: number): Promise<void> {
  const message = randomBytes(24)
  try {
    const { signature } = await signMessage(presentMachine(operator).home, BigInt(domain), message)
    soak.signatures.push({ domain, message, signature })
  } catch {
    // Nobody is promised a signature while machines die; that none is false is shown at the end.
    soak.counts.unsigned += 1
  }
}

/** Cut off from everybody: it neither hears nor speaks, and wakes up in another time. */
async function partition({ underWay }: Soak, pid: number | undefined, ms: number): Promise<boolean> {
  if (pid === undefined || !send(pid, 'SIGSTOP')) return false
  underWay.push(delay(ms).then(() => void send(pid, 'SIGCONT')))
  return true
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Only what a backup covers may be lost, and one machine after the other: more would be a network without its keys. */
async function mayBeWiped(devnet: Devnet, operator: Operator): Promise<boolean> {
  const view = await devnet.reader.readView(devnet.signal)
  const keyset = view.state.kind === 'Running' ? liveKeyset(view.state) : undefined
  if (keyset === undefined || operator.backup === undefined || !hasRecovered(view, operator)) return false
  const status = await backupStatus(operator.backup.home).catch(() => undefined)
  return status?.covered === true && status.live_keyset?.keyset_digest === keysetDigest(keyset)
}

/** Hands the keys on to the same operators, where nobody recovers. */
async function reshare({ devnet, underWay }: Soak, threshold: number): Promise<boolean> {
  const { state } = await devnet.reader.readView(devnet.signal)
  if (state.kind !== 'Running') return false
  underWay.push(voteToReshare(devnet, devnet.operators, threshold).catch((error: unknown) => void errorMessage(error)))
  return true
}

/**
 * Governance gives a resharing up. It must where a machine was lost just as the resharing began: the new one cannot ask
 * for its recovery before the state is Running again, and the old one votes no more.
 */
export async function cancelResharing(devnet: Devnet): Promise<boolean> {
  const { state } = await devnet.reader.readView(devnet.signal)
  if (state.kind !== 'Resharing') return false
  const vote = { kind: 'call', method: 'vote_cancel_resharing', args: {}, depositYocto: 0n } as const
  // Whoever votes after the last vote that was needed is refused.
  await Promise.allSettled(devnet.operators.map((operator) => performAs(devnet, operator, [vote])))
  return true
}

async function ended(ending: Promise<unknown> | undefined): Promise<void> {
  await ending
}
