import { bytesToHex } from '@noble/hashes/utils.js'
import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import type { Curve } from '@holdfast/protocol/curves.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { dealKey } from './dealt-key.ts'

/** A keyset as the contract writes it, and what each participant holds of it. Dealt, for tests only. */
export type DealtKeyset = { json: Json; keyset: Keyset; sharesOf(participantId: number): Keyshare[] }

export type DealOptions = {
  epochId?: bigint
  attempt?: bigint
  threshold?: number
  domains?: readonly Curve[]
  /** False as on near/mpc's contract. */
  commitments?: boolean
}

/** Deals a fresh random key for every domain. */
export function dealKeyset(options: DealOptions = {}): DealtKeyset {
  const { epochId = 5n, attempt = 0n, threshold = 3, domains = ['Ed25519', 'Ed25519'], commitments = true } = options
  const dealt = domains.map((curve) => dealKey(curve, threshold))
  const json: Json = {
    epoch_id: epochId,
    domains: dealt.map((key, index) => ({
      domain_id: BigInt(index),
      key: key.json,
      attempt,
      commitments: commitments && key.curve !== 'Bls12381' ? key.commitments.map(bytesToHex) : null,
    })),
  }
  return {
    json,
    keyset: parseKeyset(json, 'the dealt keyset'),
    sharesOf: (participantId) =>
      dealt.map(({ curve, publicKey, shareOf }, index) => ({
        epochId,
        domainId: BigInt(index),
        attemptId: attempt,
        curve,
        privateShare: shareOf(participantId),
        publicKey,
      })),
  }
}
