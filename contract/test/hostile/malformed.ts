import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'

/** Texts that look like what is wanted and are not, for each kind of text that occurs in arguments. */
export function lookalikes(valid: string, place: string): Record<string, string> {
  if (valid.startsWith('ed25519:')) return nearKeys(valid)
  if (valid.startsWith('secp256k1:')) return otherCurve(valid)
  if (/^[0-9a-f]{64,66}$/.test(valid))
    return { ...hexTexts(valid), ...(place.startsWith('commitments') ? noPoints(valid) : {}) }
  if (valid.startsWith('http')) return URLS
  if (/^[a-z]+\.near$/.test(valid)) return ACCOUNT_IDS
  return {}
}

const ORDER_8 = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const near = (raw: Uint8Array) => `ed25519:${base58.encode(raw)}`

function nearKeys(valid: string): Record<string, string> {
  const text = valid.slice('ed25519:'.length)
  const raw = base58.decode(text)
  return {
    'no curve': text,
    'another curve’s prefix': `secp256k1:${text}`,
    'upper-case prefix': `ED25519:${text}`,
    'a space before it': ` ${valid}`,
    'a space after it': `${valid} `,
    'a leading one': `ed25519:1${text}`,
    'eighty leading ones': `ed25519:${'1'.repeat(80)}`,
    'a letter base58 lacks': `ed25519:${text.slice(0, -1)}0`,
    'a character too many': `${valid}1`,
    'characters too few': valid.slice(0, -5),
    '31 bytes': near(raw.subarray(1)),
    '33 bytes': near(Uint8Array.of(...raw, 0)),
    hex: `ed25519:${Buffer.from(raw).toString('hex')}`,
    'off the curve': near(offCurve(raw)),
    'not canonical (y = p + 1)': near(bytes(`ee${'ff'.repeat(30)}7f`)),
    'the identity': near(bytes(`01${'00'.repeat(31)}`)),
    'order 2': near(bytes(`ec${'ff'.repeat(30)}7f`)),
    'order 4': near(new Uint8Array(32)),
    'order 8': near(bytes(ORDER_8)),
    'two keys': `${valid},${valid}`,
  }
}

function offCurve(from: Uint8Array): Uint8Array {
  const raw = from.slice()
  for (;;) {
    raw[1] = ((raw[1] as number) + 1) & 255
    try {
      ed25519.Point.fromBytes(raw, false)
    } catch {
      return raw
    }
  }
}

function otherCurve(valid: string): Record<string, string> {
  const raw = base58.decode(valid.slice('secp256k1:'.length))
  const swapped = raw.slice()
  swapped[63] = (swapped[63] as number) ^ 1
  const point = secp256k1.Point.fromBytes(Uint8Array.of(4, ...raw))
  return {
    'another curve’s prefix': valid.replace('secp256k1', 'ed25519'),
    'another y': `secp256k1:${base58.encode(swapped)}`,
    compressed: `secp256k1:${base58.encode(point.toBytes(true))}`,
    zeros: `secp256k1:${base58.encode(new Uint8Array(64))}`,
  }
}

function hexTexts(valid: string): Record<string, string> {
  return {
    'upper case': valid.toUpperCase().replace('0', 'A'),
    '0x before it': `0x${valid}`,
    'a byte too few': valid.slice(2),
    'a byte too many': `${valid}00`,
    'an odd digit': valid.slice(1),
    'a g': `g${valid.slice(1)}`,
  }
}

function noPoints(valid: string): Record<string, string> {
  return {
    zeros: '0'.repeat(valid.length),
    'order 8': ORDER_8,
    'not canonical': `ee${'ff'.repeat(30)}7f`,
    'of another curve': valid.length === 64 ? `02${'79be667e'.repeat(8)}` : valid.slice(2),
  }
}

const URLS = {
  'a space in it': 'http://a b',
  'a letter beyond ASCII': 'http://exämple',
  '257 characters': `http://${'x'.repeat(250)}`,
  'a line break': 'http://a\nb',
}

const ACCOUNT_IDS = {
  'upper case': 'ALICE.near',
  '65 characters': 'a'.repeat(65),
  'one character': 'a',
  'a dot first': '.near',
  'a dot last': 'alice.',
  'two dots': 'alice..near',
  'a space': 'alice near',
  'a slash': 'alice/near',
  'beyond ASCII': 'älice.near',
  toString: 'toString',
  hasOwnProperty: 'hasOwnProperty',
}
