import { encode, near } from 'near-sdk-js'
import type { Chain } from './ports.ts'

/** The functions that contract/native adds to the SDK's. */
declare const env: {
  ed25519_classify(encoded: Uint8Array): number
  ed25519_is_key(encoded: Uint8Array): boolean
  source_metadata(): string
  input_sha256(): Uint8Array
  deploy_input(args: string): void
  base58_decode(text: string, length: number): Uint8Array | null
  base58_encode(bytes: Uint8Array): string
  json_member(text: string, name: string): [number, number, number] | null
  json_row(text: string, first: string, from: number): [number, number] | null
  text_contains(text: string, part: string): boolean
}

const SECP256K1_SCALAR_BYTES = 32
const KEY_KINDS = ['ed25519:', 'secp256k1:']

/** The real chain, by way of near-sdk-js. */
export const nearChain: Chain = {
  self: () => near.currentAccountId(),
  predecessor: () => near.predecessorAccountId(),
  signer: () => near.signerAccountId(),
  signerKey() {
    const bytes = near.signerAccountPk()
    return (KEY_KINDS[bytes[0] as number] ?? 'unknown:') + env.base58_encode(bytes.subarray(1))
  },
  deposit: () => near.attachedDeposit(),
  now: () => near.blockTimestamp(),
  height: () => Number(near.blockHeight()),
  input: () => near.input(),
  read: (key) => near.storageRead(key),
  write: (key, text) => void near.storageWrite(key, text),
  remove: (key) => void near.storageRemove(key),
  log: (line) => near.log(line),
  transfer(receiver, yocto) {
    near.promiseBatchActionTransfer(near.promiseBatchCreate(receiver), yocto)
  },
  inputSha256: () => env.input_sha256(),
  deployInput: (args) => env.deploy_input(args),
  sha256: (bytes) => near.sha256(bytes),
  sha256Text: (text) => near.sha256(encode(text)),
  /**
   * NEAR has no host function for this, but it recovers a signer: with hash 0 and s = r the recovered key is
   * r^-1 (s R - 0 G) = R, the point whose x is r.
   */
  secp256k1Point(compressed) {
    const signature = new Uint8Array(2 * SECP256K1_SCALAR_BYTES)
    signature.set(compressed.subarray(1), 0)
    signature.set(compressed.subarray(1), SECP256K1_SCALAR_BYTES)
    return near.ecrecover(new Uint8Array(SECP256K1_SCALAR_BYTES), signature, (compressed[0] as number) - 2, 0)
  },
  classifyEd25519: (encoded) => env.ed25519_classify(encoded),
  isEd25519Key: (encoded) => env.ed25519_is_key(encoded),
  decodeBase58: (text, length) => env.base58_decode(text, length),
  encodeBase58: (bytes) => env.base58_encode(bytes),
  jsonMember: (text, name) => env.json_member(text, name),
  jsonRow: (text, first, from) => env.json_row(text, first, from),
  contains: (text, part) => env.text_contains(text, part),
}

/** NEP-330 metadata of this very wasm. JSON text. */
export function sourceMetadataText(): string {
  return env.source_metadata().trimEnd()
}
