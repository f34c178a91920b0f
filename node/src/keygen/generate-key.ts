import { setImmediate } from 'node:timers/promises'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { DKG_Round1, DKG_Round2, Key } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { formatEd25519Key } from '@holdfast/protocol/near-key.ts'
import { askParticipant, KeyEventFailure, type AttemptMesh } from '../key-events/ask-participant.ts'
import { attemptRequestOf } from '../key-events/attempt-sessions.ts'
import { digestOf, type Broadcast, type SignedDigest } from '../key-events/broadcast.ts'
import type { Echo } from '../key-events/echo.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { StoredShare } from '../ports.ts'
import { identifierOf, isOnPolynomial } from '../signing/group.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2, round1Response, round2Response } from './messages.ts'
import { faultOfPackage } from './package-fault.ts'
import { publicParts, type KeygenSession } from './sessions.ts'

/** One attempt at a key: its name, who generates it, and how many are to reconstruct it. */
export type KeygenPlan = { attempt: AttemptId; self: Participant; others: Participant[]; threshold: number }

/** What a node generates its part with; `echo` is the attempt's. */
export type KeygenParts = {
  session: KeygenSession
  echo: Echo
  broadcast: Broadcast
  mesh: AttemptMesh
}

/**
 * Runs the key generation of FROST (RFC 9591's ciphersuite, noble's DKG) with all other participants and returns this
 * node's share with the commitments of the summed polynomial. Every package is checked: its signature, its proof of
 * knowledge, that everybody got the same of everybody (echo.ts) before a secret leaves this node, and that the secret parts
 * fit. That all came to the same is for the contract to see: everyone votes the sum, and any difference aborts the attempt.
 * @throws KeyEventFailure naming the participant; the signal's reason when the attempt is over
 */
export async function generateKey(
  plan: KeygenPlan,
  { session, echo, broadcast, mesh }: KeygenParts,
  signal: AbortSignal,
): Promise<StoredShare> {
  const { attempt, self, others } = plan
  const body = attemptRequestOf(attempt)

  const packages = await Promise.all(others.map((other) => firstPackage(other, plan, { broadcast, mesh }, signal)))
  const round1 = packages.map((each) => each.round1)
  const heard = new Map(packages.map(({ from, signed }) => [from.participantId, signed]))
  heard.set(self.participantId, session.signed)
  echo.tell(heard)
  const secrets = await secondPackages(plan, session, packages)
  signal.throwIfAborted()
  await echo.compare(plan, heard, mesh)
  session.round2.resolve(secrets)

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
  const key = ed25519_FROST.DKG.round3(session.round1.secret, round1, round2)
  for (const { signingShare } of round2) signingShare.fill(0)
  return storedShare(attempt, key)
}

type FirstPackage = { from: Participant; round1: DKG_Round1; signed: SignedDigest }

function firstPackage(
  from: Participant,
  { attempt }: KeygenPlan,
  { broadcast, mesh }: Pick<KeygenParts, 'broadcast' | 'mesh'>,
  signal: AbortSignal,
): Promise<FirstPackage> {
  const request = { type: KEYGEN_ROUND1, body: attemptRequestOf(attempt) }
  const read = (answer: Json): FirstPackage => {
    const { commitment, proof_of_knowledge, signature } = parseMessage(round1Response, answer, 'a keygen package')
    const round1 = {
      identifier: identifierOf(from.participantId),
      commitment: commitment.map((point) => hexToBytes(point)),
      proofOfKnowledge: hexToBytes(proof_of_knowledge),
    }
    const signed = { digest: digestOf(publicParts(round1)), signature }
    if (broadcast.isSigned(attempt, from, signed)) return { from, round1, signed }
    throw new HoldfastError('INVALID_MESSAGE', 'its package is not signed by its TLS key')
  }
  return askParticipant(mesh, from, request, read, signal)
}

/** What the others are to get in the second round, if their first packages are in order. @throws KeyEventFailure */
async function secondPackages({ threshold }: KeygenPlan, { round1: { secret } }: KeygenSession, first: FirstPackage[]) {
  // What the others ask for is answered before this takes the processor.
  await setImmediate()
  try {
    return ed25519_FROST.DKG.round2(
      secret,
      first.map(({ round1 }) => round1),
    )
  } catch (error) {
    // noble does not say whose.
    for (const { from, round1 } of first) {
      const fault = faultOfPackage(round1, threshold)
      if (fault !== undefined) throw new KeyEventFailure(`${from.accountId} gave ${fault}`, from.accountId)
    }
    throw new KeyEventFailure(`could not accept the packages of the peers: ${errorMessage(error)}`, undefined, {
      cause: error,
    })
  }
}

/** noble checks every share as well, but does not say whose is wrong. */
function checkShares({ self, others }: KeygenPlan, round1: DKG_Round1[], round2: DKG_Round2[]): void {
  const wrong = others.filter(({ participantId }) => {
    const sender = identifierOf(participantId)
    const commitment = round1.find(({ identifier }) => identifier === sender)?.commitment
    const share = round2.find(({ identifier }) => identifier === sender)?.signingShare
    return commitment === undefined || share === undefined || !isOnPolynomial(share, commitment, self.participantId)
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
