import type { CountWork } from '../ports.ts'

/** The values of the labels, each with a count from the start. */
export const SIGNATURE_RESULTS = ['made', 'failed', 'declined'] as const
export const SHARE_RESULTS = ['given', 'refused', 'declined'] as const
export const KEY_EVENT_KINDS = ['generate', 'reshare'] as const
export const ATTEMPT_RESULTS = ['stored', 'failed', 'over'] as const
export const KEYSHARE_REQUESTS = ['get', 'put', 'other'] as const
export const KEYSHARE_RESULTS = ['answered', 'refused', 'failed'] as const

type Table<Row extends string, Column extends string> = Record<Row, Record<Column, number>>

/** What was counted since the start. */
export type Counts = {
  signatures: Record<(typeof SIGNATURE_RESULTS)[number], number>
  /** Of the signatures that were made, from the request to the signature, waiting for a turn included. */
  signingMs: number
  signatureShares: Record<(typeof SHARE_RESULTS)[number], number>
  keyEventAttempts: Table<(typeof KEY_EVENT_KINDS)[number], (typeof ATTEMPT_RESULTS)[number]>
  keyshareRequests: Table<(typeof KEYSHARE_REQUESTS)[number], (typeof KEYSHARE_RESULTS)[number]>
}

/** Counts in memory, from zero at each start. */
export function createCounts(): { count: CountWork; read(): Counts } {
  const counts: Counts = {
    signatures: zeros(SIGNATURE_RESULTS),
    signingMs: 0,
    signatureShares: zeros(SHARE_RESULTS),
    keyEventAttempts: { generate: zeros(ATTEMPT_RESULTS), reshare: zeros(ATTEMPT_RESULTS) },
    keyshareRequests: { get: zeros(KEYSHARE_RESULTS), put: zeros(KEYSHARE_RESULTS), other: zeros(KEYSHARE_RESULTS) },
  }
  return {
    read: () => counts,
    count: {
      signature(result, ms) {
        counts.signatures[result] += 1
        if (result === 'made') counts.signingMs += ms
      },
      signatureShare: (result) => void (counts.signatureShares[result] += 1),
      keyEventAttempt: (kind, result) => void (counts.keyEventAttempts[kind][result] += 1),
      keyshareRequest: (request, result) => void (counts.keyshareRequests[request][result] += 1),
    },
  }
}

/** For who has nobody to tell. */
export const NOT_COUNTED: CountWork = {
  signature: () => undefined,
  signatureShare: () => undefined,
  keyEventAttempt: () => undefined,
  keyshareRequest: () => undefined,
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
