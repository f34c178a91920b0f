import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleContract } from './contract-build/bundle.ts'
import { checkWasm } from './contract-build/check.ts'
import { allInputs, nativeInputs } from './contract-build/inputs.ts'
import { link } from './contract-build/link.ts'
import { DEFAULT_OUT } from './contract-build/paths.ts'
import { quickjs } from './contract-build/quickjs.ts'

/**
 * `npm run build:contract`: contract/src → contract/build/holdfast.wasm. The same input gives the same bytes, wherever
 * and whenever it is built; unchanged input is not built again. `--out DIR` builds elsewhere, with a cache of its own.
 */
interface Stamp {
  inputs: string
  sha256: string
  bytes: number
}

if (import.meta.main) await main()

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string', default: DEFAULT_OUT } } })
  try {
    const { sha256, bytes, built } = await buildContract(values.out)
    const path = relative(process.cwd(), join(values.out, 'holdfast.wasm'))
    console.log(`${built ? 'built' : 'unchanged'}: ${path}, ${(bytes / 1000).toFixed(1)} KB\nsha256 ${sha256}`)
  } catch (error) {
    console.error(`cannot build the contract: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

/** Builds into `out` unless its stamp says that nothing has changed. `sha256` is lower-case hex of `out`/holdfast.wasm. */
export async function buildContract(out: string): Promise<{ sha256: string; bytes: number; built: boolean }> {
  const native = await nativeInputs()
  const inputs = await allInputs(native)
  const wasm = join(out, 'holdfast.wasm')
  const stampFile = join(out, 'stamp.json')
  const before = readStamp(stampFile)
  if (before?.inputs === inputs && existsSync(wasm) && sha256Of(wasm) === before.sha256) {
    return { sha256: before.sha256, bytes: before.bytes, built: false }
  }
  mkdirSync(out, { recursive: true })
  const [compiled, { code, methods }] = await Promise.all([quickjs(join(out, 'cache'), native), bundleContract()])
  const stage = mkdtempSync(join(out, 'stage-'))
  try {
    const result = await link(stage, compiled, code, methods)
    const bytes = readFileSync(result)
    checkWasm(bytes, methods)
    const stamp: Stamp = { inputs, sha256: sha256Of(result), bytes: bytes.length }
    renameSync(join(stage, 'contract.js'), join(out, 'contract.js'))
    renameSync(result, wasm)
    writeFileSync(`${stampFile}.tmp`, `${JSON.stringify(stamp)}\n`)
    renameSync(`${stampFile}.tmp`, stampFile)
    return { sha256: stamp.sha256, bytes: stamp.bytes, built: true }
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function readStamp(path: string): Stamp | undefined {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Stamp
  } catch {
    return undefined
  }
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
