import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FLAGS = ['--target=wasm32', '-Oz', '-w', '-nostdlib', '-Wl,--no-entry', '-Wl,--allow-undefined']

/** The wasm of a C file of this folder's. */
export function compileWasm(source: 'relay.c' | 'broken-update.c'): Uint8Array<ArrayBuffer> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-wasm-'))
  try {
    const wasm = join(directory, 'compiled.wasm')
    execFileSync('clang', [...FLAGS, join(import.meta.dirname, source), '-o', wasm])
    return new Uint8Array(readFileSync(wasm))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
