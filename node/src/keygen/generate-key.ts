import { setImmediate } from 'node:timers/promises'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { DKG_Round1, DKG_Round2, Key } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { formatEd25519Key } from '@holdfast/protocol/near-key.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { AskPeer, StoredShare } from '../ports.ts'
import { identifierOf, isOnPolynomial } from '../signing/group.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2, round1Response, round2Response } from './messages.ts'
import type { KeygenSession } from './sessions.ts'

/** One attempt at a key: its name, who generates it, and how many are to reconstruct it. */
export type KeygenPlan = {
  attempt: AttemptId
  self: number
  others: { participantId: number; accountId: string }[]
  threshold: number
}

/**
 * Runs the key generation of FROST (RFC 9591's ciphersuite, noble's DKG) with all other participants and returns this
 * node's share with the commitments of the summed polynomial. Every peer's proof of knowledge and every package is
 * checked against that peer's commitments. That all saw the same commitments is for the contract to see: everyone
 * votes the sum, and any difference aborts the attempt.
 * @throws HoldfastError `KEYGEN_FAILED`, naming the participant; the signal's reason when the attempt is over
 */
export async function generateKey(
  plan: KeygenPlan,
  session: KeygenSession,
  mesh: AskPeer,
  signal: AbortSignal,
): Promise<StoredShare> {
  const { attempt, others } = plan
  const request: Json = { epoch_id: attempt.epochId, domain_id: attempt.domainId, attempt_id: attempt.attemptId }

  const round1 = await Promise.all(
    others.map(({ participantId, accountId }) =>
      fromPeer(accountId, async () => {
        const answer = await askPatiently(mesh, participantId, KEYGEN_ROUND1, request, signal)
        const { commitment, proof_of_knowledge } = parseMessage(round1Response, answer, 'a keygen package')
        return {
          identifier: identifierOf(participantId),
          commitment: commitment.map((point) => hexToBytes(point)),
          proofOfKnowledge: hexToBytes(proof_of_knowledge),
        } satisfies DKG_Round1
      }),
    ),
  )
  await setImmediate()
  signal.throwIfAborted()
  session.round2.resolve(checked('a proof of knowledge', () => ed25519_FROST.DKG.round2(session.round1.secret, round1)))

  const round2 = await Promise.all(
    others.map(({ participantId, accountId }) =>
      fromPeer(accountId, async () => {
        const answer = await askPatiently(mesh, participantId, KEYGEN_ROUND2, request, signal)
        const { signing_share } = parseMessage(round2Response, answer, 'a keygen package')
        return { identifier: identifierOf(participantId), signingShare: hexToBytes(signing_share) } satisfies DKG_Round2
      }),
    ),
  )
  await setImmediate()
  signal.throwIfAborted()
  checkShares(plan, round1, round2)
  const key = checked('the packages', () => ed25519_FROST.DKG.round3(session.round1.secret, round1, round2))
  for (const { signingShare } of round2) signingShare.fill(0)
  return storedShare(attempt, key)
}

/** noble checks every share as well, but does not say whose is wrong. */
function checkShares({ self, others }: KeygenPlan, round1: DKG_Round1[], round2: DKG_Round2[]): void {
  const wrong = others.filter(({ participantId }) => {
    const sender = identifierOf(participantId)
    const commitment = round1.find(({ identifier }) => identifier === sender)?.commitment
    const share = round2.find(({ identifier }) => identifier === sender)?.signingShare
    return commitment === undefined || share === undefined || !isOnPolynomial(share, commitment, self)
  })
  if (wrong.length === 0) return
  const names = wrong.map(({ accountId }) => accountId).join(', ')
  throw new HoldfastError(
    'KEYGEN_FAILED',
    `the key generation got shares that do not fit their commitments from ${names}`,
  )
}

function storedShare({ epochId, domainId, attemptId }: AttemptId, key: Key): StoredShare {
  const { commitments } = key.public
  const [groupKey] = commitments
  if (groupKey === undefined) throw new HoldfastError('KEYGEN_FAILED', 'the key generation gave no key')
  return {
    share: {
      epochId,
      domainId,
      attemptId,
      curve: 'Ed25519',
      privateShare: key.secret.signingShare,
      publicKey: groupKey,
    },
    key: formatEd25519Key(groupKey),
    commitments: commitments.map((point) => bytesToHex(point)),
  }
}

/** A peer that is not connected yet may be so in a moment; the attempt's end bounds the wait. */
async function askPatiently(
  mesh: AskPeer,
  participantId: number,
  type: string,
  body: Json,
  signal: AbortSignal,
): Promise<Json> {
  const until = Date.now() + LIMITS.keygenPackageMs
  for (;;) {
    try {
      return await mesh.ask(participantId, type, body, { signal, timeoutMs: LIMITS.keygenPackageMs })
    } catch (error) {
      const transient = isHoldfastError(error, 'PEER_NOT_CONNECTED') || isHoldfastError(error, 'PEER_CLOSED')
      if (!transient || Date.now() > until) throw error
      await sleep(LIMITS.meshReconnectMinMs * 2, signal)
    }
  }
}

async function fromPeer<T>(accountId: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isHoldfastError(error)) throw error
    throw new HoldfastError(
      'KEYGEN_FAILED',
      `the key generation got no usable package from ${accountId}: ${error.message}`,
      { cause: error },
    )
  }
}

function checked<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new HoldfastError(
      'KEYGEN_FAILED',
      `the key generation could not accept ${what} of a peer: ${errorMessage(error)}`,
      { cause: error },
    )
  }
}
