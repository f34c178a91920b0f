import { hashText, utf8 } from '../../../localnet/src/primitives/bytes.ts'
import { parsePublicKey } from '../../../localnet/src/primitives/public-key.ts'
import type { CallContext, CallOutcome } from '../../../localnet/src/vm/call.ts'
import type { VmFailure } from '../../../localnet/src/vm/errors.ts'
import type { ContractCode, RunContract } from '../../../localnet/src/vm/ports.ts'
import { parseJson, stringifyJson, type Json } from '../../../protocol/src/json.ts'
import { eventsOf } from './logged-events.ts'
import type { Event } from './ruling.ts'
import { type Storage, WatchedStorage } from './watched-storage.ts'

/** The contract's account. */
export const CONTRACT = 'holdfast.near'

/** A call as it reaches the contract, with the block it is in. */
export interface Transaction {
  readonly method: string
  /** As it is sent. */
  readonly input: string
  readonly predecessor: string
  readonly signer: string
  /** `ed25519:…`, of the access key that signed. */
  readonly signerKey: string
  /** yoctoNEAR */
  readonly deposit: bigint
  /** Nanoseconds since 1970. */
  readonly now: bigint
  readonly height: bigint
}

export type Execution =
  | {
      readonly kind: 'done'
      readonly events: readonly Event[]
      /** yoctoNEAR that went back to the caller. */
      readonly refund: bigint
    }
  /** `text` is what the transaction's outcome shows, without NEAR's `Smart contract panicked: `. */
  | { readonly kind: 'refused'; readonly text: string }

interface Seen {
  readonly read: ReadonlyMap<string, Uint8Array | undefined>
  readonly returned: Json
}

const PANIC = 'Smart contract panicked: '
const READER = 'reader.near'
const NO_KEY = 'ed25519:11111111111111111111111111111111'

/**
 * The compiled contract in its account on one of the localnet's engines, with nothing of a chain around it: no blocks, no
 * access keys, no fees. A refused call changes nothing. Milliseconds a call.
 */
export class ContractAccount {
  readonly #engine: RunContract
  readonly #code: ContractCode
  readonly #views = new Map<string, Seen>()
  #storage: Storage = new Map()

  constructor(engine: RunContract, wasm: Uint8Array) {
    this.#engine = engine
    this.#code = { wasm, hash: hashText(wasm) }
  }

  /** @throws Error if the contract does anything else than refuse, or change its storage, log events and give money back */
  execute(transaction: Transaction): Execution {
    const outcome = this.#run(transaction, false, this.#storage)
    if (outcome.failure !== null) return { kind: 'refused', text: failureText(outcome.failure) }
    const storage = new Map(this.#storage)
    for (const [key, value] of outcome.storage) {
      if (value === null) storage.delete(key)
      else storage.set(key, value)
    }
    const before = this.#storage
    this.#storage = storage
    const events = eventsOf(outcome.logs)
    const migration = migrationOf(outcome, transaction)
    if (migration === null) return { kind: 'done', events, refund: refundOf(outcome, transaction.predecessor) }
    // Of the receipt that deploys and migrates all is done or nothing; the code that it would run is this code's own.
    const migrated = this.execute(migration)
    if (migrated.kind === 'refused') this.#storage = before
    return migrated.kind === 'refused' ? migrated : { ...migrated, events: [...events, ...migrated.events] }
  }

  /**
   * A view is a function of its arguments and of what it reads of the storage, so that it is run again only if something of
   * that has changed: running all views after every call would take most of the time.
   * @throws Error with the contract's words, if it refuses
   */
  view(method: string, args: Json = {}): Json {
    const input = stringifyJson(args)
    const name = `${method} ${input}`
    const before = this.#views.get(name)
    if (before !== undefined && [...before.read].every(([key, value]) => this.#storage.get(key) === value)) {
      return before.returned
    }
    const by = { predecessor: READER, signer: READER, signerKey: NO_KEY, deposit: 0n, now: 0n, height: 1n }
    const watched = new WatchedStorage(this.#storage)
    const { failure, returned } = this.#run({ method, input, ...by }, true, watched)
    if (failure !== null) throw new Error(`the view ${method} failed: ${failureText(failure)}`)
    if (returned.kind !== 'value') throw new Error(`the view ${method} returned nothing`)
    const seen = { read: watched.read, returned: parseJson(Buffer.from(returned.bytes).toString(), method) }
    this.#views.set(name, seen)
    return seen.returned
  }

  get storage(): Storage {
    return this.#storage
  }

  /** The account's storage becomes this. */
  restore(storage: Storage): void {
    this.#storage = storage
  }

  #run(transaction: Transaction, isView: boolean, storage: Storage): CallOutcome {
    const { method, input, predecessor, signer, signerKey, deposit, now, height } = transaction
    const key = parsePublicKey(signerKey)
    if (!key.ok) throw new Error(`${signerKey} is no key to sign with: ${key.problem}`)
    const context: CallContext = {
      currentAccountId: CONTRACT,
      signerAccountId: signer,
      signerAccountPk: key.key.borsh,
      predecessorAccountId: predecessor,
      refundToAccountId: predecessor,
      input: utf8(input),
      blockHeight: Number(height),
      blockTimestamp: now,
      epochHeight: 1,
      accountBalance: 10n ** 27n,
      lockedBalance: 0n,
      storageUsage: 1_000_000,
      attachedDeposit: deposit,
      prepaidGas: 300e12,
      randomSeed: new Uint8Array(32),
      codeHash: new Uint8Array(32),
      isView,
      promiseResults: [],
      outputReceivers: [],
      storage,
    }
    return this.#engine.run(this.#code, method, context)
  }
}

function failureText(failure: VmFailure): string {
  if (failure.kind !== 'execution') return failure.kind
  return failure.text.startsWith(PANIC) ? failure.text.slice(PANIC.length) : failure.text
}

/** The call of `migrate` in the one receipt that also deploys what was sent. null if the call made no such receipt. */
function migrationOf({ receipts }: CallOutcome, transaction: Transaction): Transaction | null {
  const [receipt, ...others] = receipts
  if (receipt?.receiverId !== CONTRACT || transaction.predecessor === CONTRACT) return null
  const [deploy, call, ...more] = receipt.actions
  const isWhole = deploy?.type === 'DeployContract' && call?.type === 'FunctionCall'
  if (!isWhole || others.length + more.length > 0 || utf8Text(deploy.code) !== transaction.input) {
    throw new Error('a receipt for itself that is not the deployment of the code that was sent, with its migration')
  }
  return { ...transaction, method: call.methodName, input: utf8Text(call.args), predecessor: CONTRACT }
}

const utf8Text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

function refundOf({ receipts }: CallOutcome, caller: string): bigint {
  let refund = 0n
  for (const { receiverId, actions } of receipts) {
    const [action, ...others] = actions
    if (receiverId !== caller || action?.type !== 'Transfer' || others.length > 0) {
      throw new Error(`a receipt for ${receiverId} that is no refund to ${caller}`)
    }
    refund += action.deposit
  }
  return refund
}
