/** The little DER (X.690) that a certificate needs. */

/** One element: tag, length, content. */
export function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content)
  return Buffer.concat([Uint8Array.of(tag, ...derLength(body.length)), body])
}

/** INTEGER of an unsigned big-endian number: minimal, with a zero byte before a set top bit. */
export function derUnsignedInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const minimal = first === -1 ? Uint8Array.of(0) : bytes.subarray(first)
  return der(0x02, ...((minimal[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : []), minimal)
}

function derLength(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}

/** An element read from DER: its tag, all of its bytes, and its content. */
export type DerElement = { tag: number; whole: Uint8Array; content: Uint8Array }

/** The elements that follow one another in `bytes`. @throws RangeError on a length that does not fit. */
export function derElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = []
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at)
    elements.push(element)
    at += element.whole.length
  }
  return elements
}

function elementAt(bytes: Uint8Array, at: number): DerElement {
  const first = bytes[at + 1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + lengthBytes
  const length = first < 0x80 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
  if (lengthBytes > 4 || start + length > bytes.length) throw new RangeError('DER: an element is longer than its bytes')
  return {
    tag: bytes[at] ?? 0,
    whole: bytes.subarray(at, start + length),
    content: bytes.subarray(start, start + length),
  }
}
