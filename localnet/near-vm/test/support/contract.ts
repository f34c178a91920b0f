import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One of the C files beside this as wasm. */
export function compileContract(source: 'contract.c' | 'script.c' = 'contract.c'): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-near-vm-'))
  try {
    const out = join(directory, 'contract.wasm')
    const flags = ['--target=wasm32', '-Os', '-nostdlib', '-Wl,--no-entry', '-Wl,--allow-undefined']
    execFileSync('clang', [...flags, join(import.meta.dirname, source), '-o', out])
    return new Uint8Array(readFileSync(out))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
