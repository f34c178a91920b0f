import { InvalidArgumentError } from 'commander'
import { isEd25519Key, type Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

/**
 * Parsers for option values: each turns text into one checked value or refuses it with what it expected.
 * Commander puts the option's name before the message and exits with the usage code.
 */

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^[0-9]+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    }
    return value
  }
}

export const port = wholeNumber(0, 65_535)

/** Seconds, from text like `90s`, `15m`, `24h` or `7d`. */
export function durationSeconds(text: string): number {
  const match = /^([1-9][0-9]{0,8})([smhd])$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected a duration such as 90s, 15m, 24h or 7d.')
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
}
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 }

/** A duration as above, of at most `days`. */
export function durationUpTo(days: number): (text: string) => number {
  return (text) => {
    const seconds = durationSeconds(text)
    if (seconds > days * SECONDS.d) throw new InvalidArgumentError(`Expected at most ${days}d.`)
    return seconds
  }
}

/** A NEAR account id. */
export function accountId(text: string): string {
  if (text.length < 2 || text.length > 64 || !/^(([a-z\d]+[-_])*[a-z\d]+\.)*([a-z\d]+[-_])*[a-z\d]+$/.test(text)) {
    throw new InvalidArgumentError('Expected a NEAR account id such as alice.near.')
  }
  return text
}

/** Collects account ids, each once. */
export function accountIds(text: string, previous: string[] | undefined): string[] {
  if (previous?.includes(text)) throw new InvalidArgumentError(`${text} is given twice.`)
  return [...(previous ?? []), accountId(text)]
}

/** An Ed25519 public key in NEAR's text form. */
export function publicKey(text: string): Ed25519KeyText {
  if (!isEd25519Key(text)) throw new InvalidArgumentError('Expected ed25519: followed by the base58 of 32 bytes.')
  return text
}

/** An http(s) URL of a NEAR RPC endpoint; may be given several times. */
export function rpcUrls(text: string, previous: string[] | undefined): string[] {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError('Expected the http(s) URL of a NEAR RPC endpoint.')
  }
  return [...(previous ?? []), text]
}

/** The URL other nodes reach this one at, as it is written on chain: `http://host:port`. */
export function participantUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.protocol !== 'http:' || url.hostname === '' || url.port === '' || url.pathname !== '/') {
    throw new InvalidArgumentError('Expected http://host:port, where other nodes reach this one.')
  }
  return text.replace(/\/$/, '')
}

/** An even-length hex text. */
export function hex(text: string): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new InvalidArgumentError('Expected hex, two digits per byte.')
  }
  return text.toLowerCase()
}

/** yoctoNEAR from text like `0.25 NEAR`, `2NEAR`; `unlimited` is undefined. */
export function allowance(text: string): bigint | undefined {
  if (text === 'unlimited') return undefined
  const match = /^([0-9]{1,9})(?:\.([0-9]{1,24}))?\s*NEAR$/.exec(text)
  if (match === null) throw new InvalidArgumentError("Expected 'unlimited' or an amount such as '0.25 NEAR'.")
  return BigInt(match[1] + (match[2] ?? '').padEnd(24, '0'))
}

export type HostAndPort = { host: string; port: number }

/** A host and a port, without a scheme: `10.0.0.7:8079`, `[2001:db8::7]:8079`, `node.example.org:8079`. */
export function hostAndPort(text: string): HostAndPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s/:@[\]]+)):([0-9]{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const number = Number(match?.[3])
  if (host === undefined || number < 1 || number > 65_535)
    throw new InvalidArgumentError('Expected host:port without http://, for example 10.0.0.7:8079.')
  return { host, port: number }
}

/** A SHA-256 in lower-case hex, as `sha256sum` prints it. */
export function sha256(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new InvalidArgumentError('Expected a SHA-256: 64 digits of lower-case hex, as sha256sum prints it.')
  }
  return text
}
