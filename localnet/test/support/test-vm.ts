import { existsSync } from 'node:fs'
import { NEAR_VM } from '../../near-vm/build.ts'
import { vmOfEnvironment } from '../../src/harness/start-chain.ts'
import type { Vm } from '../../src/vm/open-engine.ts'

/** Whether NEAR's own VM has been built: `npm test` does it where cargo is. */
export const nearVmIsBuilt = existsSync(NEAR_VM)

/** What executes contracts in a test of contracts: both engines, compared call by call, where there are both. */
export const testVm: Vm = vmOfEnvironment() ?? (nearVmIsBuilt ? 'both' : 'v8')
