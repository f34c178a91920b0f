import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startDevnet, type Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { newKey, type Key } from '@holdfast/cli/devnet/new-account.ts'
import type { Operator } from '@holdfast/cli/devnet/operator.ts'
import { createAccounts, nameOperators, senderOf } from '@holdfast/cli/devnet/set-up.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { CallOutcome } from '@holdfast/protocol/rpc/ports.ts'
import type { NearMpcPrograms } from './environment.ts'
import { withoutGasKeys } from './older-host.ts'
import type { PeerNode } from './peer-node.ts'
import type { Transcript } from './transcript.ts'

/** A machine that one of near/mpc's nodes runs on: an address, a disk, and the keys of that one installation. */
export type NearMpcMachine = {
  readonly name: string
  readonly accountId: string
  readonly address: string
  readonly home: string
  readonly tls: Key
  /** A function-call access key of the operator's account, limited to the contract. */
  readonly signer: Key
  /** The key for shares on the wire that the operator gives to the node and to the backup service. */
  readonly aesKey: Uint8Array
  process: PeerNode | undefined
}

export type NearMpcOperator = {
  readonly name: string
  readonly accountId: string
  readonly participantId: number
  /** The account's full-access key. */
  readonly key: Key
  readonly aesKey: Uint8Array
  /** Every machine so far. */
  readonly machines: NearMpcMachine[]
}

/** near/mpc's network but for its signing: a real chain, the deployed contract, operators and their machines. */
export type NearMpcNetwork = {
  readonly devnet: Devnet
  readonly programs: NearMpcPrograms
  readonly operators: readonly NearMpcOperator[]
  readonly transcript: Transcript
  /** Sends one call with any key of the account. @throws ContractRefusedError where the contract panics. */
  call(by: Caller, method: string, args: Json, depositYocto?: bigint): Promise<CallOutcome>
  /** The JSON of `state` in the newest final block, digit for digit. */
  stateJson(): Promise<Json>
  close(): Promise<void>
}

export type Caller = { accountId: string; key: Key }

const BLOCK_MS = 200
const CONTRACT_NAME = 'signer'

/** Starts the chain with the accounts and the deployed contract on it, which is not initialised yet. */
export async function startNearMpcNetwork(options: {
  directory: string
  programs: NearMpcPrograms
  operators: number
  transcript: Transcript
  signal: AbortSignal
}): Promise<NearMpcNetwork> {
  const { directory, programs, transcript, signal } = options
  const devnet = await startDevnet({
    directory,
    threshold: 2,
    blockMs: BLOCK_MS,
    sandboxBinary: programs.sandbox,
    contractName: CONTRACT_NAME,
    signal,
  })
  try {
    transcript.tell('chain', `a real NEAR node makes blocks every ${BLOCK_MS} ms at ${devnet.chain.rpcUrl}`)
    nameOperators(devnet, options.operators)
    const wasm = await readFile(programs.contractWasm)
    const contractKey = await createAccounts(devnet, wasm)
    transcript.tell('chain', `near/mpc's deployed contract (${wasm.length} bytes) is on ${devnet.contractId}`)
    await makeItRun(devnet, contractKey, wasm, transcript)
    const operators = devnet.operators.map(operatorOf)
    for (const operator of operators) await addMachine(devnet, operators, operator)
    return {
      devnet,
      programs,
      operators,
      transcript,
      call: ({ accountId, key }, method, args, depositYocto) =>
        senderOf(devnet, accountId)(key.seed, devnet.contractId, [{ kind: 'call', method, args, depositYocto }]),
      stateJson: async () => (await devnet.reader.readView(signal)).stateJson,
      async close() {
        for (const { process } of operators.flatMap(({ machines }) => machines)) await process?.kill()
        await devnet.close()
      },
    }
  } catch (error) {
    await devnet.close()
    throw error
  }
}

/** An older node refuses the contract for imports that it does not know: then it gets them under another name. */
async function makeItRun(devnet: Devnet, key: Key, wasm: Uint8Array, { tell }: Transcript): Promise<void> {
  const refusal = await devnet.reader.viewMethod('state', {}, devnet.signal).catch(errorMessage)
  if (typeof refusal !== 'string' || !refusal.includes('unknown or invalid import')) return
  tell('chain', 'this node is older than the contract and has no gas keys: three imports that nobody calls are renamed')
  const deploy = { kind: 'deployContract', wasm: withoutGasKeys(wasm) } as const
  await senderOf(devnet, devnet.contractId)(key.seed, devnet.contractId, [deploy])
}

function operatorOf({ name, accountId, seed, publicKey }: Operator, participantId: number): NearMpcOperator {
  const aesKey = new Uint8Array(randomBytes(32))
  return { name, accountId, participantId, key: { seed, publicKey }, aesKey, machines: [] }
}

/** A new machine for an operator's node, with keys of its own. Nothing runs on it yet. */
export async function addMachine(
  devnet: Devnet,
  operators: readonly NearMpcOperator[],
  operator: NearMpcOperator,
): Promise<NearMpcMachine> {
  const number = operator.machines.length
  const name = `${operator.name}-${number + 1}`
  const home = join(devnet.directory, 'machines', name)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const machine: NearMpcMachine = {
    name,
    accountId: operator.accountId,
    address: devnet.addresses.address(2 + 10 * operators.indexOf(operator) + number),
    home,
    tls: newKey(),
    signer: newKey(),
    aesKey: operator.aesKey,
    process: undefined,
  }
  operator.machines.push(machine)
  return machine
}

/** The machine an operator's node was set up on last. */
export function presentMachine({ name, machines }: NearMpcOperator): NearMpcMachine {
  const machine = machines.at(-1)
  if (machine === undefined) throw new TypeError(`${name} has no machine`)
  return machine
}
