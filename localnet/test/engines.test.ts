import test from 'ava'
import type { CallOutcome } from '../src/vm/call.ts'
import { ComparedEngines, EnginesDiffer } from '../src/vm/adapters/compared.ts'
import { V8Engine } from '../src/vm/adapters/v8.ts'
import { VMS } from '../src/vm/open-engine.ts'
import type { RunContract } from '../src/vm/ports.ts'
import { CODE, CONTEXT, engineSuite } from './support/engine-suite.ts'

for (const vm of VMS) engineSuite(vm)

/** V8's answers, falsified. */
function lying(lie: (outcome: CallOutcome) => Partial<CallOutcome>): RunContract {
  const honest = new V8Engine()
  return {
    run: (...call) => {
      const outcome = honest.run(...call)
      return { ...outcome, ...lie(outcome) }
    },
    close: () => honest.close(),
  }
}

const lies: Record<string, (outcome: CallOutcome) => Partial<CallOutcome>> = {
  returned: () => ({ returned: { kind: 'none' } }),
  logs: ({ logs }) => ({ logs: [...logs, 'more'] }),
  changes: () => ({ storage: new Map() }),
  balance: ({ balance }) => ({ balance: balance + 1n }),
  storageUsage: ({ storageUsage }) => ({ storageUsage: storageUsage + 1 }),
  receipts: () => ({ receipts: [{ receiverId: 'a.near', actions: [], dependsOn: [], refundTo: null }] }),
  failure: () => ({ failure: { kind: 'method_not_found' } }),
  gas: ({ burnt }) => ({ burnt: Math.round(burnt * 1.2) }),
}
for (const [what, lie] of Object.entries(lies)) {
  test(`compared engines - should notice a difference in ${what}`, (t) => {
    const engines = new ComparedEngines(new V8Engine(), lying(lie))
    t.throws(() => engines.run(CODE, 'keep', CONTEXT), {
      instanceOf: EnginesDiffer,
      message: new RegExp(`differ in ${what}`),
    })
  })
}

test('compared engines - should take a value written anew for no change', (t) => {
  const engines = new ComparedEngines(
    new V8Engine(),
    lying(() => ({ storage: new Map() })),
  )
  const storage = new V8Engine().run(CODE, 'keep', CONTEXT).storage as Map<string, Uint8Array>
  t.is(engines.run(CODE, 'keep', { ...CONTEXT, storage }).failure, null)
})
