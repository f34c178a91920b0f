import type { CallContext, CallOutcome } from './call.ts'

/** A contract's code as an account holds it. */
export type ContractCode = {
  readonly wasm: Uint8Array
  /** base58(sha256(wasm)) */
  readonly hash: string
}

/**
 * Executes contracts. A call is one step for the chain, so the answer is waited for: while it runs, nothing else in this
 * process does.
 */
export interface RunContract {
  /**
   * Runs one exported method in a fresh instance.
   * @returns the outcome, also of what the contract does wrong; with a failure set, only its gas, logs and profile count
   * @throws Error if the engine itself is broken: the chain cannot go on
   */
  run(code: ContractCode, method: string, context: CallContext): CallOutcome
  /** Gives back what the engine holds. */
  close(): Promise<void>
}
