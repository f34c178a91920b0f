import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'

/** Who signs a transaction, and with which access key. */
export interface Caller {
  readonly account: string
  readonly key: string
}

/** The machines of one operator: its keys, as the contract knows them. */
export interface Operator {
  readonly account: string
  /** With the full-access key. */
  readonly owner: Caller
  readonly node: Caller
  readonly tls: string
  readonly url: string
  readonly backup: Caller
  readonly backupTls: string
  /** The machine that takes the node's place. */
  readonly spare: Caller
  readonly spareTls: string
  readonly spareUrl: string
}

/** The operator with this number; always the same. */
export function operator(number: number, kind = 'operator'): Operator {
  const account = `${kind}-${number}.near`
  const caller = (role: string): Caller => ({ account, key: ed25519Key(`${account} ${role}`) })
  return {
    account,
    owner: caller('owner'),
    node: caller('node'),
    tls: ed25519Key(`${account} tls`),
    url: `http://mpc-${number}.example.com:3000`,
    backup: caller('backup'),
    backupTls: ed25519Key(`${account} backup tls`),
    spare: caller('spare'),
    spareTls: ed25519Key(`${account} spare tls`),
    spareUrl: `http://mpc-spare-${number}.example.com:3000`,
  }
}

/** A key generation's public outcome, as `vote_pk` takes it. */
export interface GroupKey {
  readonly public_key: string
  readonly commitments: readonly string[]
}

/** The outcome for one domain: `threshold` points, the first of which is the key. */
export function groupKey(curve: 'Edwards25519' | 'Secp256k1', domain: number, threshold: number): GroupKey {
  const scalars = Array.from({ length: threshold }, (_, k) => BigInt(1 + domain * 1000 + k))
  if (curve === 'Edwards25519') {
    const points = scalars.map((scalar) => ed25519.Point.BASE.multiply(scalar))
    return {
      public_key: `ed25519:${base58.encode((points[0] as (typeof points)[number]).toBytes())}`,
      commitments: points.map((point) => point.toHex()),
    }
  }
  const points = scalars.map((scalar) => secp256k1.Point.BASE.multiply(scalar))
  return {
    public_key: `secp256k1:${base58.encode((points[0] as (typeof points)[number]).toBytes(false).subarray(1))}`,
    commitments: points.map((point) => point.toHex()),
  }
}

function ed25519Key(label: string): string {
  const seed = createHash('sha256').update(label).digest()
  return `ed25519:${base58.encode(ed25519.getPublicKey(seed))}`
}
