import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { base58 } from '@scure/base'
import { abiText } from './contract-build/abi.ts'
import { bundleContract } from './contract-build/bundle.ts'
import { checkWasm } from './contract-build/check.ts'
import { allInputs, nativeInputs } from './contract-build/inputs.ts'
import { link } from './contract-build/link.ts'
import { DEFAULT_OUT, ROOT } from './contract-build/paths.ts'
import { quickjs } from './contract-build/quickjs.ts'
import { sourceCommit } from './contract-build/source-commit.ts'
import { EMPTY_SLOT, sourceMetadata, withMetadata } from './contract-build/source-metadata.ts'

/**
 * `npm run build:contract`: contract/src → contract/build/holdfast.wasm, and its ABI beside it. The same commit gives the
 * same bytes, wherever and whenever it is built; unchanged input is not built again. `--out DIR` builds elsewhere, with a
 * cache of its own.
 */
interface Stamp {
  inputs: string
  /** The metadata that is in the wasm. */
  metadata: string
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

/**
 * Builds into `out` unless its stamp says that nothing has changed; a wasm that only names another commit is not compiled
 * again. `sha256` is lower-case hex of `out`/holdfast.wasm.
 */
export async function buildContract(out: string): Promise<{ sha256: string; bytes: number; built: boolean }> {
  const native = await nativeInputs()
  const [inputs, commit] = await Promise.all([allInputs(native), sourceCommit(ROOT)])
  const metadata = sourceMetadata(commit)
  const before = readStamp(join(out, 'stamp.json'))
  const wasm = join(out, 'holdfast.wasm')
  if (before?.inputs === inputs && existsSync(wasm) && sha256Of(readFileSync(wasm)).toString('hex') === before.sha256) {
    const { sha256, bytes } = before
    if (before.metadata === metadata) return { sha256, bytes, built: false }
    return keep(out, withMetadata(readFileSync(wasm), before.metadata, metadata), { inputs, metadata })
  }
  mkdirSync(out, { recursive: true })
  const [compiled, { code, methods }] = await Promise.all([quickjs(join(out, 'cache'), native), bundleContract()])
  const stage = mkdtempSync(join(out, 'stage-'))
  try {
    const linked = readFileSync(await link(stage, compiled, code, methods))
    const bytes = withMetadata(linked, EMPTY_SLOT, metadata)
    checkWasm(bytes, methods)
    renameSync(join(stage, 'contract.js'), join(out, 'contract.js'))
    return keep(out, bytes, { inputs, metadata })
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Writes the wasm, its ABI and the stamp, each whole or not at all. */
function keep(out: string, wasm: Uint8Array, made: Pick<Stamp, 'inputs' | 'metadata'>) {
  const hash = sha256Of(wasm)
  const stamp: Stamp = { ...made, sha256: hash.toString('hex'), bytes: wasm.length }
  writeWhole(join(out, 'holdfast.wasm'), wasm)
  writeWhole(join(out, 'holdfast-abi.json'), `${abiText(base58.encode(hash))}\n`)
  writeWhole(join(out, 'stamp.json'), `${JSON.stringify(stamp)}\n`)
  return { sha256: stamp.sha256, bytes: stamp.bytes, built: true }
}

function writeWhole(path: string, content: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, content)
  renameSync(temporary, path)
}

function readStamp(path: string): Stamp | undefined {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Stamp
  } catch {
    return undefined
  }
}

function sha256Of(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
