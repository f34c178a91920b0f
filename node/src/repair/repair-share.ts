import { randomBytes } from 'node:crypto'
import { hexToBytes } from '@noble/curves/utils.js'
import type { KeyForDomain } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { LIMITS } from '../limits.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { AskPeer } from '../ports.ts'
import { REPAIR_SUM, sumResponse, type RepairRequest } from './messages.ts'
import { addScalars, splitFault, sumFault } from './splitting.ts'

export type Helper = { participantId: number; accountId: string }

/**
 * The share of participant `lost` in a key, from as many helpers as its threshold (splitting.ts). Each helper's part is
 * proved against the commitments; that the result is the share is proved with the whole keyset before it is stored.
 * @throws HoldfastError `REPAIR_FAILED`, naming the helper; `NOT_PROVABLE`; the signal's reason
 */
export async function repairShare(
  key: { epochId: bigint; domain: KeyForDomain },
  lost: number,
  helpers: readonly Helper[],
  mesh: AskPeer,
  signal: AbortSignal,
): Promise<Keyshare> {
  const { epochId, domain } = key
  const commitments = repairable(domain)
  const request: RepairRequest = {
    session: randomBytes(16).toString('hex'),
    epoch_id: epochId,
    domain_id: domain.domain_id,
    attempt_id: domain.attempt,
    helpers: helpers.map(({ participantId }) => participantId).sort((a, b) => a - b),
    lost,
  }
  const parts = await Promise.all(
    request.helpers.map(async (id) => {
      const { accountId = '' } = helpers.find(({ participantId }) => participantId === id) ?? {}
      return { id, accountId, ...(await askForSum(mesh, id, accountId, request, signal)) }
    }),
  )
  for (const { id, accountId, points } of parts) {
    const fault = splitFault(points, id, request, commitments)
    if (fault !== undefined) throw failed(domain, accountId, `it named ${fault}`)
  }
  for (const [at, { accountId, sum }] of parts.entries()) {
    const fault = sumFault(
      sum,
      parts.map(({ points }) => points[at] ?? ''),
    )
    if (fault !== undefined) throw failed(domain, accountId, `its sum is ${fault}`)
  }
  return {
    epochId,
    domainId: domain.domain_id,
    attemptId: domain.attempt,
    curve: 'Ed25519',
    privateShare: addScalars(parts.map(({ sum }) => sum)),
    publicKey: groupKey(domain.key).compressed,
  }
}

/** The commitments of a key that can be repaired. @throws HoldfastError `NOT_PROVABLE` */
export function repairable({ domain_id, key, commitments }: KeyForDomain): string[] {
  if (commitments !== null && 'Ed25519' in key) return commitments
  throw new HoldfastError(
    'NOT_PROVABLE',
    `the share of domain ${domain_id} cannot be repaired by the other nodes: only Ed25519 keys with commitments can; ` +
      'it comes from the backup service alone',
  )
}

async function askForSum(
  mesh: AskPeer,
  id: number,
  accountId: string,
  request: RepairRequest,
  signal: AbortSignal,
): Promise<{ sum: Uint8Array; points: string[] }> {
  try {
    const answer = await mesh.ask(id, REPAIR_SUM, request, { signal, timeoutMs: LIMITS.repairMs })
    const { sum, points } = parseMessage(sumResponse, answer, "a helper's part of a repair")
    return { sum: hexToBytes(sum), points }
  } catch (error) {
    if (signal.aborted || !isHoldfastError(error)) throw error
    throw new HoldfastError('REPAIR_FAILED', `${accountId} gave no part of a repair: ${error.message}`, {
      cause: error,
    })
  }
}

function failed({ domain_id }: KeyForDomain, accountId: string, why: string): HoldfastError {
  return new HoldfastError(
    'REPAIR_FAILED',
    `the share of domain ${domain_id} could not be repaired by ${accountId}: ${why}`,
  )
}
