import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readContract } from '../devnet/contract-wasm.ts'

/** The contract in a file that an operator names. @throws HoldfastError `USAGE` */
export async function readWasm(file: string): ReturnType<typeof readContract> {
  const contract = await readContract(file).catch((error: NodeJS.ErrnoException) => {
    throw new HoldfastError('USAGE', `cannot read --wasm ${file}: ${error.code}`)
  })
  if (Buffer.from(contract.bytes.subarray(0, 4)).toString('latin1') === '\0asm') return contract
  throw new HoldfastError('USAGE', `--wasm ${file} is no WebAssembly module`)
}
