import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

/**
 * The room that contract/native/contract.c keeps for the NEP-330 metadata. The text is put there after everything else: so
 * a commit that leaves the contract alone costs no compilation, though it changes these bytes.
 */
const SLOT_BYTES = 768
/** What stands there in between; it occurs nowhere else. */
export const EMPTY_SLOT = '@holdfast-source-metadata'.padEnd(SLOT_BYTES, '@')

interface Manifest {
  version: string
  repository?: string | { url: string }
}

/**
 * NEP-330: where the source is and how to build the wasm again, bit for bit. JSON, filled up with spaces.
 * @param commit of `sourceCommit`
 */
export function sourceMetadata(commit: string | null): string {
  const { version, repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
  const link = (typeof repository === 'string' ? repository : repository?.url) ?? null
  const text = JSON.stringify({
    version,
    link,
    standards: [
      { standard: 'nep330', version: '1.3.0' },
      { standard: 'nep297', version: '1.0.0' },
    ],
    build_info: {
      build_environment: 'Debian 12, clang 14, binaryen 108, the npm packages of package-lock.json',
      source_code_snapshot: commit === null ? null : `git${link === null ? '' : `+${link}`}?rev=${commit}`,
      build_command: ['npm', 'run', 'build:contract'],
      contract_path: 'contract',
      output_wasm_path: 'contract/build/holdfast.wasm',
    },
  })
  if (text.length > SLOT_BYTES)
    throw new Error(`the source metadata has ${text.length} bytes, room is for ${SLOT_BYTES}`)
  return text.padEnd(SLOT_BYTES)
}

/** The wasm with other metadata. @throws Error if `before` is not in it exactly once */
export function withMetadata(wasm: Uint8Array, before: string, after: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(wasm)
  const at = bytes.indexOf(before)
  if (at < 0 || bytes.indexOf(before, at + 1) >= 0) throw new Error('the wasm has no one place for its source metadata')
  bytes.write(after, at, 'latin1')
  return new Uint8Array(bytes)
}
