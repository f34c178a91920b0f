import { parsePublicKey, type PublicKey } from '../../../localnet/src/primitives/public-key.ts'
import { bytesToKey, hashText, sha256, utf8, ZERO_HASH } from '../../../localnet/src/primitives/bytes.ts'
import { emptyAccount, keyStorage } from '../../../localnet/src/runtime/accounts.ts'
import { applyBlock, ReceiptQueue } from '../../../localnet/src/runtime/apply-block.ts'
import type { BlockContext } from '../../../localnet/src/runtime/block-context.ts'
import { actionsProblem } from '../../../localnet/src/runtime/validate-actions.ts'
import { World, type AccountState, type Snapshot } from '../../../localnet/src/state/world.ts'
import type { Permission } from '../../../localnet/src/transaction/action.ts'
import { vmOfEnvironment } from '../../../localnet/src/harness/start-chain.ts'
import { openEngine } from '../../../localnet/src/vm/open-engine.ts'

/**
 * The localnet's whole runtime (access keys, transactions, receipts, and the VM that HOLDFAST_VM names) without blocks on a timer and without RPC, so that
 * thousands of calls can each start from the same moment of the chain. A `Moment` is a value: nothing changes it.
 */
export interface Moment {
  readonly accounts: Snapshot
  readonly height: number
  /** Unix nanoseconds. */
  readonly now: bigint
}

/** What a transaction may attach. */
const MOST_GAS = 300_000_000_000_000n
const BLOCK_NANOSECONDS = 600_000_000n
const NEAR = 10n ** 24n
const engine = openEngine(vmOfEnvironment() ?? 'v8')

/** Ends what executes contracts; nothing can be executed afterwards. */
export function closeChain(): Promise<void> {
  return engine.close()
}

/** A function call as it is signed. */
export interface Transaction {
  readonly signer: string
  /** The access key that signs, in near text. */
  readonly key: string
  readonly receiver: string
  readonly method: string
  readonly input: Uint8Array
  readonly deposit: bigint
}

/** How a transaction ended. */
export type Ending =
  /** Every receipt ran through. */
  | { readonly kind: 'done' }
  /** The chain took no notice of it: the node's name for the reason. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The first receipt that failed did so with this text. */
  | { readonly kind: 'failed'; readonly text: string }

export interface Executed {
  readonly ending: Ending
  /** Of all receipts, in order. */
  readonly logs: readonly string[]
  /** Burnt by the dearest receipt, Tgas. */
  readonly tgas: number
  readonly after: Moment
}

/** Executes one transaction and all that follows from it. */
export function execute(before: Moment, transaction: Transaction): Executed {
  const { signer, key, receiver, method, input, deposit } = transaction
  const actions = [{ type: 'FunctionCall', methodName: method, args: input, gas: MOST_GAS, deposit }] as const
  const problem = actionsProblem(actions)
  if (problem !== null) return rejected(before, problem)
  const publicKey = publicKeyOf(key)
  const nonce = (before.accounts.get(signer)?.keys.get(publicKey.text)?.nonce ?? 0n) + 1n
  const name = utf8([signer, key, nonce, receiver, method].join('\n'))
  const signed = {
    signerId: signer,
    publicKey,
    nonce,
    receiverId: receiver,
    blockHash: ZERO_HASH,
    actions,
    // That signatures are checked is the localnet's own tests' affair.
    signature: { curve: { tag: 0, name: 'ed25519', length: 32 } as const, bytes: new Uint8Array(64), text: '' },
    digest: sha256(name),
    hash: hashText(name),
    size: input.length,
  }
  const queue = new ReceiptQueue()
  let moment = before
  let failure: string | null = null
  const logs: string[] = []
  let gas = 0
  let waiting = [signed]
  do {
    moment = later(moment, 0)
    const world = new World(moment.accounts)
    const { dropped, outcomes } = applyBlock(world, waiting, queue, contextOf(moment))
    waiting = []
    moment = { ...moment, accounts: world.snapshot() }
    const [refused] = dropped
    if (refused !== undefined) return rejected(before, refused.error)
    for (const outcome of outcomes) {
      logs.push(...outcome.logs)
      gas = Math.max(gas, outcome.gasBurnt)
      if (outcome.status.kind === 'failure') failure ??= failureText(outcome.status.error)
    }
  } while (queue.incoming.length > 0)
  const ending = failure === null ? ({ kind: 'done' } as const) : ({ kind: 'failed', text: failure } as const)
  return { ending, logs, tgas: gas / 1e12, after: moment }
}

/** Calls a method as the RPC's `call_function` does. */
export function view(
  at: Moment,
  contract: string,
  method: string,
  input: Uint8Array,
): Ending & { text?: string; bytes?: Uint8Array } {
  const account = at.accounts.get(contract)
  if (account === undefined || account.code === null) throw new Error(`${contract} has no code`)
  const outcome = engine.run(account.code, method, {
    currentAccountId: contract,
    signerAccountId: contract,
    signerAccountPk: new Uint8Array(33),
    predecessorAccountId: contract,
    refundToAccountId: contract,
    input,
    blockHeight: at.height,
    blockTimestamp: at.now,
    epochHeight: 1,
    accountBalance: account.amount,
    lockedBalance: 0n,
    storageUsage: account.storageUsage,
    attachedDeposit: 0n,
    prepaidGas: Number(MOST_GAS),
    randomSeed: new Uint8Array(32),
    codeHash: null,
    isView: true,
    promiseResults: [],
    outputReceivers: [],
    storage: account.data,
  })
  if (outcome.failure !== null) {
    return { kind: 'failed', text: outcome.failure.kind === 'execution' ? outcome.failure.text : outcome.failure.kind }
  }
  const bytes = outcome.returned.kind === 'value' ? outcome.returned.bytes : new Uint8Array()
  return { kind: 'done', text: new TextDecoder().decode(bytes), bytes }
}

/** One block and so many seconds later. */
export function later(moment: Moment, seconds: number): Moment {
  return {
    ...moment,
    height: moment.height + 1,
    now: moment.now + BLOCK_NANOSECONDS + BigInt(seconds) * 1_000_000_000n,
  }
}

/** A new account with 1,000 NEAR, these access keys (near text) and this code. */
export function account(keys: Readonly<Record<string, Permission>>, wasm?: Uint8Array): AccountState {
  const entries = Object.entries(keys).map(
    ([text, permission]) => [publicKeyOf(text), { nonce: 0n, permission }] as const,
  )
  const plain = emptyAccount(1000n * NEAR)
  return {
    ...plain,
    storageUsage:
      plain.storageUsage +
      (wasm?.length ?? 0) +
      entries.reduce((bytes, [key, access]) => bytes + keyStorage(key, access), 0),
    keys: new Map(entries.map(([key, access]) => [key.text, access])),
    code: wasm === undefined ? null : { wasm, hash: hashText(wasm) },
  }
}

/** What a contract has stored, as one text: equal texts mean that not a byte differs. */
export function storageText(moment: Moment, contract: string): string {
  const data = [...(moment.accounts.get(contract)?.data ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  return data.map(([key, value]) => `${JSON.stringify(key)}=${JSON.stringify(bytesToKey(value))}\n`).join('')
}

function contextOf({ height, now }: Moment): BlockContext {
  return { height, timestamp: now, epochHeight: 1, randomValue: new Uint8Array(32), engine }
}

function rejected(before: Moment, error: unknown): Executed {
  return { ending: { kind: 'rejected', reason: nameOf(error) }, logs: [], tgas: 0, after: before }
}

/** `{InvalidAccessKeyError: {MethodNameMismatch: {…}}}` is named after its innermost variant. */
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const [[name, inner]] = Object.entries(error) as [[string, unknown]]
  return name.endsWith('Error') && inner !== null ? nameOf(inner) : name
}

function failureText(error: unknown): string {
  const kind = (error as { ActionError?: { kind: { FunctionCallError?: { ExecutionError?: string } } } }).ActionError
    ?.kind
  return kind?.FunctionCallError?.ExecutionError ?? JSON.stringify(kind ?? error)
}

function publicKeyOf(text: string): PublicKey {
  const parsed = parsePublicKey(text)
  if (!parsed.ok) throw new Error(`${text} is no public key: ${parsed.problem}`)
  return parsed.key
}
