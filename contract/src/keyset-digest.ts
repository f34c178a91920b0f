import { toHex } from './hex.ts'
import type { Cryptography } from './ports.ts'
import type { Keyset } from './types.ts'
import { u32Bytes, u64Bytes } from './u64.ts'
import { groupKeyText } from './validation/group-key.ts'

/**
 * SHA-256 of borsh `(epoch_id: u64, domains: Vec<(domain_id: u64, attempt: u64, key: string)>)` in keyset order
 * (protocol.md 2.5), in lower-case hex.
 */
export function keysetDigest({ epoch_id, domains }: Keyset, cryptography: Cryptography): string {
  const bytes = [...u64Bytes(epoch_id), ...u32Bytes(domains.length)]
  for (const { domain_id, attempt, key } of domains) {
    const text = groupKeyText(key)
    bytes.push(...u64Bytes(domain_id), ...u64Bytes(attempt), ...u32Bytes(text.length))
    // key texts are ASCII
    for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i))
  }
  return toHex(cryptography.sha256(new Uint8Array(bytes)))
}
