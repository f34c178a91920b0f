import { setImmediate } from 'node:timers/promises'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { DKG_Round1, DKG_Round2, Key } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { formatEd25519Key } from '@holdfast/protocol/near-key.ts'
import { askParticipant, KeyEventFailure } from '../key-events/ask-participant.ts'
import { attemptRequestOf } from '../key-events/attempt-sessions.ts'
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
 * @throws KeyEventFailure naming the participant; the signal's reason when the attempt is over
 */
export async function generateKey(
  plan: KeygenPlan,
  session: KeygenSession,
  mesh: AskPeer,
  signal: AbortSignal,
): Promise<StoredShare> {
  const { attempt, others } = plan
  const body = attemptRequestOf(attempt)

  const round1 = await Promise.all(
    others.map((other) =>
      askParticipant(
        mesh,
        other,
        { type: KEYGEN_ROUND1, body },
        (answer) => {
          const { commitment, proof_of_knowledge } = parseMessage(round1Response, answer, 'a keygen package')
          return {
            identifier: identifierOf(other.participantId),
            commitment: commitment.map((point) => hexToBytes(point)),
            proofOfKnowledge: hexToBytes(proof_of_knowledge),
          } satisfies DKG_Round1
        },
        signal,
      ),
    ),
  )
  await setImmediate()
  signal.throwIfAborted()
  session.round2.resolve(checked('a proof of knowledge', () => ed25519_FROST.DKG.round2(session.round1.secret, round1)))

  const round2 = await Promise.all(
    others.map((other) =>
      askParticipant(
        mesh,
        other,
        { type: KEYGEN_ROUND2, body },
        (answer) => {
          const { signing_share } = parseMessage(round2Response, answer, 'a keygen package')
          const identifier = identifierOf(other.participantId)
          return { identifier, signingShare: hexToBytes(signing_share) } satisfies DKG_Round2
        },
        signal,
      ),
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
  const [first] = wrong
  if (first === undefined) return
  const names = wrong.map(({ accountId }) => accountId).join(', ')
  throw new KeyEventFailure(`the shares of ${names} do not fit their commitments`, first.accountId)
}

function storedShare({ epochId, domainId, attemptId }: AttemptId, key: Key): StoredShare {
  const { commitments } = key.public
  const [groupKey] = commitments
  if (groupKey === undefined) throw new KeyEventFailure('the key generation gave no key')
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

function checked<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new KeyEventFailure(`could not accept ${what} of a peer: ${errorMessage(error)}`, undefined, { cause: error })
  }
}
