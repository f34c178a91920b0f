import type { Keyset } from '../../src/contract-state.ts'
import { parseKeyset } from '../../src/contract-state.ts'
import { parseJson, type Json } from '../../src/json.ts'
import { parseKeyshares, type Keyshare } from '../../src/keyshare.ts'
import { readVectors } from './vectors.ts'

type KeyshareVectors = {
  domains: { domain_id: number; curve: string; commitments_hex: string[]; group_public_key_hex: string }[]
  participant_ids: number[]
  keyset_text: string
  keyshares_text_by_participant: Record<string, string>
}

const vectors = readVectors<KeyshareVectors>('near-mpc-wire-keyshares.json')

export const DOMAINS = vectors.domains
/** Participant ids of the recorded 3-of-5 key generation: 0, 1, 2, 4, 9. */
export const PARTICIPANTS = vectors.participant_ids
export const KEYSET_TEXT = vectors.keyset_text

/** The JSON text of a participant's shares as near/mpc wrote it. */
export function sharesText(participantId: number): string {
  return vectors.keyshares_text_by_participant[participantId] ?? ''
}

export function sharesOf(participantId: number): Keyshare[] {
  return parseKeyshares(sharesText(participantId), 'recorded shares')
}

/** The recorded keyset with its commitments, as a Holdfast contract would hold it: none for the BLS domain. */
export function keysetWithCommitments(): Keyset {
  const keyset = parseKeyset(parseJson(KEYSET_TEXT, 'keyset') as Json, 'the recorded keyset')
  const domains = keyset.domains.map((domain) => {
    const recorded = DOMAINS.find((candidate) => BigInt(candidate.domain_id) === domain.domain_id)
    return { ...domain, commitments: 'Bls12381' in domain.key ? null : (recorded?.commitments_hex ?? null) }
  })
  return { ...keyset, domains }
}
