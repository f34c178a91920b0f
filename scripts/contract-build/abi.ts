import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import { nearAbi } from '../../contract/abi/near-abi.ts'
import { ROOT, SDK } from './paths.ts'

/**
 * The contract's ABI as JSON text.
 * @param wasmHash base58 of the wasm's SHA-256; left out of the ABI that is part of the wasm
 */
export function abiText(wasmHash?: string): string {
  const { version } = manifest(ROOT)
  const sdk = manifest(SDK).version
  return JSON.stringify(
    nearAbi({
      name: 'holdfast',
      version,
      authors: [],
      build: { compiler: `near-sdk-js ${sdk}`, builder: `holdfast build:contract ${version}` },
      ...(wasmHash === undefined ? {} : { wasm_hash: wasmHash }),
    }),
  )
}

/** A C header with the ABI as `__contract_abi` answers it: compressed with zstd, as other SDKs' contracts do. */
export function abiHeader(): string {
  if (typeof zstdCompressSync !== 'function') {
    throw new Error(`Node.js ${process.versions.node} has no zstd; use the one of package-lock.json (npm run does)`)
  }
  const bytes = zstdCompressSync(abiText(), { params: { [constants.ZSTD_c_compressionLevel]: 19 } })
  return `static const unsigned char abi[] = {${bytes.join()}};\n`
}

function manifest(directory: string): { version: string } {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }
}
