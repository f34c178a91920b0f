import type { Json } from '@holdfast/protocol/json.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { Candidate } from '../phases/facts.ts'

/** This account's record among the contract's candidates, or undefined where it has none that can be read. */
export async function readCandidate(
  reader: ReadContract,
  accountId: string,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const all = await reader.viewMethod('participant_candidates', {}, signal)
  const record = fieldOf(all, accountId)
  const url = fieldOf(record, 'url')
  const tlsKey = fieldOf(record, 'tls_public_key')
  const signerKey = fieldOf(record, 'signer_account_pk')
  if (typeof url !== 'string' || typeof tlsKey !== 'string' || typeof signerKey !== 'string') return undefined
  return { url, tlsKey, signerKey }
}

function fieldOf(json: Json | undefined, name: string): Json | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json[name] : undefined
}
