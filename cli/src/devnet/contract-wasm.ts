import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** The contract as compiled from this very source. `built` is false where the compiled one was up to date. */
export type ContractWasm = { bytes: Uint8Array; file: string; sha256: string; built: boolean }

/**
 * Compiles the contract unless that is done already.
 * @throws HoldfastError `CONTRACT_NOT_BUILT` with what the build said.
 */
export async function compiledContract(signal: AbortSignal): Promise<ContractWasm> {
  const script = join(ROOT, 'scripts', 'build-contract.ts')
  let said: string
  try {
    said = (await promisify(execFile)(process.execPath, [script], { cwd: ROOT, signal })).stdout
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new HoldfastError(
      'CONTRACT_NOT_BUILT',
      `the contract cannot be compiled: ${(stderr ?? '').trim() || String(error)}; npm run build:contract installs what it needs`,
    )
  }
  const file = join(ROOT, 'contract', 'build', 'holdfast.wasm')
  return { ...(await readContract(file)), built: said.startsWith('built') }
}

/** A compiled contract from a file. */
export async function readContract(file: string): Promise<Omit<ContractWasm, 'built'>> {
  const bytes = await readFile(file)
  return { bytes, file, sha256: createHash('sha256').update(bytes).digest('hex') }
}
