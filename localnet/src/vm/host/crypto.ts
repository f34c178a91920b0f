import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { ripemd160 } from '@noble/hashes/legacy.js'
import { keccak_256, keccak_512 } from '@noble/hashes/sha3.js'
import { HostError } from '../errors.ts'
import type { HostCost } from '../parameters.ts'
import { u64 } from '../guest-memory.ts'
import type { Host, HostFunctions } from './host.ts'

type Digest = (data: Uint8Array) => Uint8Array
const nodeSha256: Digest = (data) => new Uint8Array(createHash('sha256').update(data).digest())

const invalid = (what: string, message: string): HostError => {
  const titles: Record<string, string> = {
    ECRecoverError: 'ECDSA recover error',
    Ed25519VerifyInvalidInput: 'ED25519 signature verification error',
  }
  return new HostError(`${titles[what]}: ${message}`, `${what} { msg: "${message}" }`)
}

export function cryptoFunctions(host: Host): HostFunctions {
  const { gas, memory } = host
  const hash = (base: HostCost, perByte: HostCost, digest: Digest) => (len: bigint, ptr: bigint, register: bigint) => {
    gas.pay(base)
    const data = memory.readSource(ptr, len)
    gas.pay(perByte, data.length)
    memory.setRegister(register, digest(data))
  }
  return {
    sha256: hash('sha256_base', 'sha256_byte', nodeSha256),
    keccak256: hash('keccak256_base', 'keccak256_byte', keccak_256),
    keccak512: hash('keccak512_base', 'keccak512_byte', keccak_512),
    ripemd160: (len: bigint, ptr: bigint, register: bigint) => {
      gas.pay('ripemd160_base')
      const data = memory.readSource(ptr, len)
      gas.pay('ripemd160_block', Math.floor((data.length + 8) / 64) + 1)
      memory.setRegister(register, ripemd160(data))
    },
    ed25519_verify: (
      signatureLen: bigint,
      signaturePtr: bigint,
      messageLen: bigint,
      messagePtr: bigint,
      keyLen: bigint,
      keyPtr: bigint,
    ) => {
      gas.pay('ed25519_verify_base')
      const signature = memory.readSource(signaturePtr, signatureLen)
      if (signature.length !== 64) throw invalid('Ed25519VerifyInvalidInput', 'invalid signature length')
      // As dalek: the scalar's top bits must be zero, and nothing else is looked at if they are not.
      if (((signature[63] as number) & 0xe0) !== 0) return 0n
      const message = memory.readSource(messagePtr, messageLen)
      gas.pay('ed25519_verify_byte', message.length)
      const key = memory.readSource(keyPtr, keyLen)
      if (key.length !== 32) throw invalid('Ed25519VerifyInvalidInput', 'invalid public key length')
      try {
        return ed25519.verify(signature, message, key, { zip215: false }) ? 1n : 0n
      } catch {
        return 0n
      }
    },
    ecrecover: (
      hashLen: bigint,
      hashPtr: bigint,
      signatureLen: bigint,
      signaturePtr: bigint,
      v: bigint,
      malleability: bigint,
      register: bigint,
    ) => {
      gas.pay('ecrecover_base')
      const signature = memory.readSource(signaturePtr, signatureLen)
      if (signature.length !== 64)
        throw invalid(
          'ECRecoverError',
          `The length of the signature: ${signature.length}, exceeds the limit of 64 bytes`,
        )
      const recovery = u64(v)
      if (recovery >= 4n)
        throw invalid('ECRecoverError', `V recovery byte 0 through 3 are valid but was provided ${recovery}`)
      const digest = memory.readSource(hashPtr, hashLen)
      if (digest.length !== 32)
        throw invalid('ECRecoverError', `The length of the hash: ${digest.length}, exceeds the limit of 32 bytes`)
      const flag = u64(malleability)
      if (flag > 1n) throw invalid('ECRecoverError', `Malleability flag needs to be 0 or 1, but is instead ${flag}`)
      try {
        const parsed = secp256k1.Signature.fromBytes(signature, 'compact').addRecoveryBit(Number(recovery))
        if (flag === 1n && parsed.hasHighS()) return 0n
        memory.setRegister(register, parsed.recoverPublicKey(digest).toBytes(false).slice(1))
        return 1n
      } catch (error) {
        if (error instanceof HostError) throw error
        return 0n
      }
    },
  }
}
