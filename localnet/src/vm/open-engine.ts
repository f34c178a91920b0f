import { existsSync } from 'node:fs'
import { NEAR_VM, NEAR_VM_CACHE } from '../../near-vm/build.ts'
import { BlockingNearVm } from '../../near-vm/blocking-client.ts'
import { ComparedEngines } from './adapters/compared.ts'
import { NearVmEngine } from './adapters/near-vm.ts'
import { V8Engine } from './adapters/v8.ts'
import type { RunContract } from './ports.ts'

/** `v8`: this process; `near`: NEAR's own VM; `both`: every call on both, and the chain stops where they differ. */
export const VMS = ['v8', 'near', 'both'] as const
export type Vm = (typeof VMS)[number]

/** Thrown when NEAR's VM is asked for and has not been built. */
export class NearVmMissing extends Error {
  constructor() {
    super(
      "NEAR's VM is not built; it is built by `npm test`, `npm run gas` and `holdfast localnet --vm near`, with cargo (Rust)",
    )
    this.name = 'NearVmMissing'
  }
}

/** @throws NearVmMissing */
export function openEngine(vm: Vm): RunContract {
  switch (vm) {
    case 'v8':
      return new V8Engine()
    case 'near':
      return openNearVm()
    case 'both':
      return new ComparedEngines(new V8Engine(), openNearVm())
    default:
      throw new TypeError(`unknown vm ${String(vm satisfies never)}`)
  }
}

function openNearVm(): NearVmEngine {
  if (!existsSync(NEAR_VM)) throw new NearVmMissing()
  return new NearVmEngine(new BlockingNearVm(NEAR_VM, NEAR_VM_CACHE))
}
