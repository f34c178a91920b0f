import { isDeepStrictEqual, inspect } from 'node:util'
import type { CallContext, CallOutcome } from '../call.ts'
import { gasExceeded, gasLimitExceeded, memoryAccessViolation, type HostError, type VmFailure } from '../errors.ts'
import type { ContractCode, RunContract } from '../ports.ts'

/**
 * The gas of an execution may differ by this much: what comes after a trap in a straight stretch of code is charged here
 * and not there, and growing the memory has become dearer.
 */
const GAS_TOLERANCE = 0.05

/** Two engines have done two things for one call. */
export class EnginesDiffer extends Error {
  constructor(account: string, method: string, what: string, first: unknown, second: unknown) {
    const show = (value: unknown): string => inspect(value, { depth: 8, maxStringLength: 2_000 })
    super(
      `${account}.${method}: the engines differ in ${what}: ${show(first)} on the first, ${show(second)} on the second`,
    )
    this.name = 'EnginesDiffer'
  }
}

/** Every call on both engines; the first one's outcome counts. */
export class ComparedEngines implements RunContract {
  readonly #first: RunContract
  readonly #second: RunContract

  constructor(first: RunContract, second: RunContract) {
    this.#first = first
    this.#second = second
  }

  /** @throws EnginesDiffer at the first difference */
  run(code: ContractCode, method: string, context: CallContext): CallOutcome {
    const outcome = this.#first.run(code, method, context)
    const other = this.#second.run(code, method, context)
    const first = comparable(outcome, context)
    const second = comparable(other, context)
    for (const what of Object.keys(first) as (keyof Comparable)[]) {
      if (!isDeepStrictEqual(first[what], second[what])) {
        throw new EnginesDiffer(context.currentAccountId, method, what, first[what], second[what])
      }
    }
    const gas = [executionGas(outcome), executionGas(other)] as const
    if (!isOneOf(outcome.failure, OUT_OF_STACK) && Math.abs(gas[0] - gas[1]) > GAS_TOLERANCE * gas[1]) {
      throw new EnginesDiffer(context.currentAccountId, method, 'gas', ...gas)
    }
    return outcome
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()])
  }
}

type Comparable = ReturnType<typeof comparable>

/** Everything that must be the same byte for byte. */
function comparable(outcome: CallOutcome, { storage }: CallContext) {
  const { failure, logs, returned, balance, storageUsage, receipts } = outcome
  // After a failure nothing but logs and gas count.
  if (failure !== null) return { failure: isOneOf(failure, OUT_OF_GAS) ? 'out of gas' : failure, logs }
  // A key written with the value it had is the same storage.
  const changes = [...outcome.storage]
    .filter(([key, value]) => !isDeepStrictEqual(storage.get(key) ?? null, value))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return { failure, returned, logs, changes, balance, storageUsage, receipts }
}

/** Which of the two it is depends on how much gas a protocol version lets one call burn. */
const OUT_OF_GAS = [gasExceeded(), gasLimitExceeded()]
/** A recursion without end may have been stopped; how deep it goes is each engine's own affair. */
const OUT_OF_STACK = [memoryAccessViolation()]

function isOneOf(failure: VmFailure | null, errors: readonly HostError[]): boolean {
  return errors.some((error) => isDeepStrictEqual(failure, error.failure))
}

const TRIE_COSTS = ['TOUCHING_TRIE_NODE', 'READ_CACHED_TRIE_NODE']

/**
 * What the execution burnt, without what the engines do not both know: the storage trie's nodes that it passed, which are
 * the node's whole state's affair, and the fees of receipts sent, which protocol versions set anew.
 */
export function executionGas({ burnt, hostProfile, actionProfile }: CallOutcome): number {
  const trie = TRIE_COSTS.reduce((sum, cost) => sum + (hostProfile.get(cost) ?? 0), 0)
  return burnt - trie - [...actionProfile.values()].reduce((sum, gas) => sum + gas, 0)
}
