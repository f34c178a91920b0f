import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '../../localnet/src/primitives/bytes.ts'
import type { CallContext, CallOutcome } from '../../localnet/src/vm/call.ts'
import { ComparedEngines, executionGas } from '../../localnet/src/vm/adapters/compared.ts'
import { openEngine } from '../../localnet/src/vm/open-engine.ts'
import { REGULAR_OP_GAS } from '../../localnet/src/vm/parameters.ts'
import type { ContractCode, RunContract } from '../../localnet/src/vm/ports.ts'
import { testWithNearVm } from '../../localnet/test/support/near-vm.ts'
import { buildContract } from '../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'
import { MeasuredContract } from '../../scripts/gas/chain.ts'
import { liveThrough } from '../../scripts/gas/story.ts'

/** Of one `memory.grow`: 32 instructions. */
const MEMORY_GROWTH_GAS = 32 * REGULAR_OP_GAS

/** An engine that keeps what its calls came to. */
class Recorded implements RunContract {
  readonly outcomes: { readonly method: string; readonly outcome: CallOutcome }[] = []
  readonly #engine: RunContract

  constructor(engine: RunContract) {
    this.#engine = engine
  }

  run(code: ContractCode, method: string, context: CallContext): CallOutcome {
    const outcome = this.#engine.run(code, method, context)
    this.outcomes.push({ method, outcome })
    return outcome
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

/** As many as keep the test short; they come by turns. */
const ATTEMPTS_PER_CALL = 3

/** Before every call, what others might try in its place; none of it happens. */
class Provoked implements RunContract {
  readonly #engine: RunContract
  #next = 0

  constructor(engine: RunContract) {
    this.#engine = engine
  }

  run(code: ContractCode, method: string, context: CallContext): CallOutcome {
    const attempts: Partial<CallContext>[] = [
      { predecessorAccountId: 'stranger.near', signerAccountId: 'stranger.near' },
      { predecessorAccountId: 'relay.near' },
      { signerAccountPk: new Uint8Array(33) },
      { attachedDeposit: context.attachedDeposit === 0n ? 5n : 0n },
      { input: utf8('{}') },
      { input: utf8('{"unknown":[1e400,"\u0000ß\ud83d\ude00"]}') },
      { input: utf8('{"cut":') },
      { input: new Uint8Array() },
      { prepaidGas: 1e12 },
      { storage: new Map() },
    ]
    for (let i = 0; i < ATTEMPTS_PER_CALL; i++) {
      const attempt = attempts[this.#next++ % attempts.length]
      this.#engine.run(code, method, { ...context, ...attempt })
    }
    return this.#engine.run(code, method, context)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

testWithNearVm(
  'engines - should agree on every call of a network’s whole life, and on what is refused in it',
  async (t) => {
    t.timeout(180_000)
    await buildContract(DEFAULT_OUT)
    const [v8, near] = [new Recorded(openEngine('v8')), new Recorded(openEngine('near'))]
    // Throws at the first difference in outcome, error text, logs, receipts or storage.
    const engines = new Provoked(new ComparedEngines(v8, near))
    try {
      liveThrough(new MeasuredContract(engines, readFileSync(join(DEFAULT_OUT, 'holdfast.wasm'))), {
        participants: 3,
        domains: 2,
      })
    } finally {
      await engines.close()
    }
    const failures = near.outcomes.filter(({ outcome }) => outcome.failure !== null)
    t.true(failures.length > 150)
    t.true(near.outcomes.length - failures.length > 100)
    for (const [index, { method, outcome }] of near.outcomes.entries()) {
      const ours = v8.outcomes[index]?.outcome as CallOutcome
      // The localnet's gas is NEAR's to the last unit, but for the storage trie (the localnet assumes a node's, the VM has
      // none) and for growing the memory, which has become dearer since the protocol version the localnet has its prices from.
      if (isOutOfGas(outcome)) continue
      const growths = (executionGas(outcome) - executionGas(ours)) / MEMORY_GROWTH_GAS
      t.true(growths === 0 || growths === 1, `${method}: ${executionGas(ours)}, ${executionGas(outcome)}`)
      t.true(Math.abs(ours.burnt - outcome.burnt) <= 0.05 * outcome.burnt, `${method}: ${ours.burnt}, ${outcome.burnt}`)
    }
  },
)

function isOutOfGas({ failure }: CallOutcome): boolean {
  return failure?.kind === 'execution' && failure.text.startsWith('Exceeded the')
}
