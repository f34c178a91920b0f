import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ChildProcess } from './child-processes.ts'

/** A machine that a node runs on: a disk and an address, and a process once it is started. */
export type Machine = {
  /** Such as `alice-2`: the operator's second machine. */
  readonly name: string
  readonly address: string
  /** The node's home: the machine's whole disk. */
  readonly home: string
  readonly tlsKey: Ed25519KeyText
  readonly signerKey: Ed25519KeyText
  process: ChildProcess | undefined
  /** `performance.now()` when the process was last started. */
  startedAt: number
}

/** The backup service of an operator, on a machine of its own. */
export type BackupMachine = {
  readonly name: string
  readonly home: string
  readonly tlsKey: Ed25519KeyText
  readonly signerKey: Ed25519KeyText
  process: ChildProcess | undefined
}

/** The owner of one account of the network. */
export type Operator = {
  readonly name: string
  readonly accountId: string
  /** The 32-byte secret of the account's full-access key. */
  readonly seed: Uint8Array
  readonly publicKey: Ed25519KeyText
  /** Every machine so far; the last one is the present one. */
  readonly machines: Machine[]
  backup: BackupMachine | undefined
}

/** Given names for operators, in the order of their participant ids. */
export const OPERATOR_NAMES =
  'alice bob carol dave erin frank grace heidi ivan judy kim leo mia nina oscar peggy quinn rosa sam tina'.split(' ')

/** The machine an operator's node runs on at present. */
export function presentMachine(operator: Operator): Machine {
  const machine = operator.machines.at(-1)
  if (machine === undefined) throw new TypeError(`${operator.name} has no machine yet`)
  return machine
}
