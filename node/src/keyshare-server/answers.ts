import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { readKeyshares, serializeKeyshares, wipeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import type { AwaitingShares, Phase } from '../phases/phase.ts'
import type { KeepShares, KnowSituation } from '../ports.ts'
import { parseAskedKeyset } from './asked-keyset.ts'

/** Reads the contract now instead of at the next poll; resolves when that is done, or after a while. */
export type RefreshSituation = { refresh(): Promise<void> }

/** An answer of the key-share server: near/mpc's texts where near/mpc has them. */
export type Answer = { status: number; body: string; contentType?: string; note: string }

const NOT_HELD: Omit<Answer, 'note'> = { status: 500, body: 'Failed to get keyshares' }

/**
 * `GET /get_keyshares`: the shares of exactly the keyset that was sent, encrypted. Answered only if the node holds them
 * permanently, the keyset names all that it holds of that epoch and one domain at least, and its view of the contract is
 * fresh. Reads only.
 */
export function answerGet(situation: KnowSituation, shares: KeepShares, body: string, key: Uint8Array): Answer {
  let keyset: Keyset
  try {
    situation.phase()
  } catch (error) {
    return { status: 503, body: errorMessage(error), note: 'refused: no fresh view of the contract' }
  }
  try {
    keyset = parseAskedKeyset(body)
  } catch (error) {
    return { status: 400, body: `Invalid keyset: ${errorMessage(error)}`, note: 'refused: invalid keyset' }
  }
  // An encrypted empty list would read as a backup of all that there is.
  if (keyset.domains.length === 0) return { ...NOT_HELD, note: 'refused: the keyset names no domain' }
  const found: Keyshare[] = []
  for (const domain of keyset.domains) {
    const held = shares.held(keyset.epoch_id, domain)
    if (held === undefined)
      return { ...NOT_HELD, note: `refused: domain ${domain.domain_id} is not held with that epoch, attempt and key` }
    found.push(held.share)
  }
  const omitted = shares.all().find(({ share }) => share.epochId === keyset.epoch_id && !found.includes(share))
  if (omitted !== undefined)
    return { ...NOT_HELD, note: `refused: the keyset leaves out domain ${omitted.share.domainId}` }
  const text = encryptKeyshares(serializeKeyshares(found), key)
  return {
    status: 200,
    body: text,
    contentType: 'application/json',
    note: `served ${found.length} domains of epoch ${keyset.epoch_id}`,
  }
}

/**
 * `PUT /set_keyshares`: taken only while this node awaits them, for its account's recovery or planned move. Every share is
 * proved against the live keyset and its commitments as this participant's own, then stored durably; 200 means both. The
 * same shares again are 200 again.
 */
export async function answerPut(
  situation: KnowSituation & RefreshSituation,
  shares: KeepShares,
  body: string,
  key: Uint8Array,
): Promise<Answer> {
  let received: Keyshare[] = []
  try {
    received = readKeyshares(decryptKeyshares(body, key), 'the key shares in the request')
  } catch (error) {
    return { status: 400, body: `Invalid Json or encryption: ${errorMessage(error)}`, note: 'refused: invalid body' }
  }
  try {
    const phase = await freshPhase(situation)
    if (phase.kind !== 'awaitingShares') {
      return {
        status: 409,
        body: `Not awaiting keyshares: the node's phase is ${phase.kind}`,
        note: `refused in phase ${phase.kind}`,
      }
    }
    proveKeyshares(received, phase.keyset, phase.participantId)
    if (phase.keyset.domains.length > 0) await store(shares, phase, received)
    return {
      status: 200,
      body: 'Keyshares received.',
      note: `stored ${received.length} domains of epoch ${phase.keyset.epoch_id}`,
    }
  } catch (error) {
    if (!isHoldfastError(error)) throw error
    wipeKeyshares(received)
    return { status: statusOf(error.code), body: `${error.code}: ${error.message}`, note: `refused: ${error.message}` }
  }
}

/** A recovery is a machine that is gone; a planned move can be given up, and then its destination must have nothing. */
function store(shares: KeepShares, { claim, keyset }: AwaitingShares, received: Keyshare[]): Promise<void> {
  return claim === 'migration' ? shares.importOnTrial(keyset, received) : shares.importShares(keyset, received)
}

/** The sender may have seen the recovery or move in a block that this node is about to read. */
async function freshPhase(situation: KnowSituation & RefreshSituation): Promise<Phase> {
  for (let looks = 0; looks < 2 && situation.phase().kind !== 'awaitingShares'; looks++) await situation.refresh()
  return situation.phase()
}

function statusOf(code: string): number {
  switch (code) {
    case 'DISK_FULL':
      return 507
    case 'STORAGE_FAILED':
      return 500
    case 'VIEW_STALE':
      return 503
    default:
      return 422
  }
}
