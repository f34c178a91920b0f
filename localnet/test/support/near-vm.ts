import test from 'ava'
import { nearVmIsBuilt } from './test-vm.ts'

/** A test that needs NEAR's own VM; where it is not built, a skipped test of that name. */
export const testWithNearVm = nearVmIsBuilt ? test : test.skip
