import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The wasm of relay.c. */
export function buildRelay(): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-relay-'))
  try {
    const wasm = join(directory, 'relay.wasm')
    const flags = ['--target=wasm32', '-Oz', '-w', '-nostdlib', '-Wl,--no-entry', '-Wl,--allow-undefined']
    execFileSync('clang', [...flags, join(import.meta.dirname, 'relay.c'), '-o', wasm])
    return new Uint8Array(readFileSync(wasm))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
