import { join } from 'node:path'

/** The repository's root. */
export const ROOT = join(import.meta.dirname, '..', '..')
/** Where the build leaves the wasm unless told otherwise. */
export const DEFAULT_OUT = join(ROOT, 'contract', 'build')
export const SOURCES = join(ROOT, 'contract', 'src')
export const ABI = join(ROOT, 'contract', 'abi')
export const NATIVE = join(ROOT, 'contract', 'native')
export const ENTRY = join(SOURCES, 'contract.ts')
const MODULES = join(ROOT, 'node_modules')
export const SDK = join(MODULES, 'near-sdk-js')
/** NEAR's QuickJS fork, as the last SDK that shipped its sources has it. */
export const QUICKJS = join(MODULES, 'near-quickjs', 'lib', 'cli', 'deps', 'quickjs')
