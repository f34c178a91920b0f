import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, '..', 'fixtures', 'probe.wat')

/** A custom section, which means nothing to the chain, that makes `wasm` exactly `size` bytes long. */
function padTo(wasm: Uint8Array, size: number): Uint8Array {
  // Before the content: section id, and its length in five bytes. Its first byte is the length of its empty name.
  const content = size - wasm.length - 6
  const length = Uint8Array.from({ length: 5 }, (_, index) => {
    const bits = Math.floor(content / 2 ** (7 * index)) & 0x7f
    return index < 4 ? bits | 0x80 : bits
  })
  return new Uint8Array(Buffer.concat([wasm, Uint8Array.of(0), length, new Uint8Array(content)]))
}

/**
 * The probe contract's wasm, assembled with binaryen's wasm-as.
 * @param size pads it to so many bytes
 */
export function buildProbe(size?: number): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-probe-'))
  try {
    const out = join(directory, 'probe.wasm')
    execFileSync('wasm-as', [SOURCE, '-o', out])
    const wasm = new Uint8Array(readFileSync(out))
    return size === undefined ? wasm : padTo(wasm, size)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
