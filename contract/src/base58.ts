const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Base58 (Bitcoin's alphabet) of exactly `length` bytes, or null for any other text. The decoding is canonical: every byte
 * string has one text. Two digits at a time on 16-bit limbs keep every product inside QuickJS' fast 32-bit integers.
 */
export function decodeBase58(text: string, length: number): Uint8Array | null {
  if (text.length > length * 2) return null
  let zeros = 0
  while (zeros < text.length && text[zeros] === '1') zeros++
  const limbs: number[] = []
  for (let at = zeros; at < text.length;) {
    const first = ALPHABET.indexOf(text[at++] as string)
    let carry = first
    let factor = 58
    if (at < text.length) {
      const second = ALPHABET.indexOf(text[at++] as string)
      if (second < 0) return null
      carry = first * 58 + second
      factor = 3364
    }
    if (first < 0) return null
    for (let i = 0; i < limbs.length; i++) {
      const value = (limbs[i] as number) * factor + carry
      limbs[i] = value & 65535
      carry = value >> 16
    }
    if (carry > 0) limbs.push(carry)
  }
  let used = limbs.length * 2
  if (used > 0 && (limbs[limbs.length - 1] as number) < 256) used--
  if (zeros + used !== length) return null
  const bytes = new Uint8Array(length)
  for (let i = 0; i < used; i++) bytes[length - 1 - i] = ((limbs[i >> 1] as number) >> ((i & 1) * 8)) & 255
  return bytes
}

/** Base58 of these bytes. */
export function encodeBase58(bytes: Uint8Array): string {
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  // base 3364 = 58 * 58, least significant first
  const digits: number[] = []
  for (let at = zeros; at < bytes.length; at++) {
    let carry = bytes[at] as number
    for (let i = 0; i < digits.length; i++) {
      const value = (digits[i] as number) * 256 + carry
      digits[i] = value % 3364
      carry = (value / 3364) | 0
    }
    if (carry > 0) digits.push(carry)
  }
  let text = ''
  for (let i = 0; i < digits.length; i++) {
    const value = digits[i] as number
    const high = (value / 58) | 0
    text = (ALPHABET[value % 58] as string) + text
    if (high > 0 || i < digits.length - 1) text = (ALPHABET[high] as string) + text
  }
  return '1'.repeat(zeros) + text
}
