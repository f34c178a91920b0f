import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { DKG_Round1, DKG_Round2, Identifier, Signers } from '@noble/curves/abstract/frost.js'
import { bytesToHex } from '@noble/curves/utils.js'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { ATTEMPT_OVER } from '../key-events/ask-participant.ts'
import type { Broadcast, SignedDigest } from '../key-events/broadcast.ts'
import { createAttemptSessions } from '../key-events/attempt-sessions.ts'
import { LIMITS } from '../limits.ts'
import type { HandleRequest } from '../mesh/guest.ts'
import { identifierOf } from '../signing/group.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2 } from './messages.ts'

/** What this node gives its peers in the attempt under way, as soon as it has it. */
export type KeygenSession = {
  round1: ReturnType<typeof ed25519_FROST.DKG.round1>
  /** This node's signature of its public package. */
  signed: SignedDigest
  /** Resolved with the secret packages by recipient once round two is done here. */
  round2: PromiseWithResolvers<Record<Identifier, DKG_Round2>>
}

/** The one attempt that is under way here, and peers that ask for it or for the next one. */
export type KeygenSessions = {
  begin(attempt: AttemptId, self: number, signers: Signers): KeygenSession
  /** Forgets the attempt's secrets; peers still waiting for them are refused. */
  end(session: KeygenSession): void
  handlers(): [string, HandleRequest][]
}

/**
 * Peers fetch packages instead of being sent them: an answer goes to whom the connection's key names and to nobody else,
 * which matters for round two, whose packages are each for one recipient.
 */
export function createKeygenSessions(broadcast: Broadcast): KeygenSessions {
  const sessions = createAttemptSessions<KeygenSession>()
  return {
    begin(attempt, self, signers) {
      const round2 = Promise.withResolvers<Record<Identifier, DKG_Round2>>()
      round2.promise.catch(() => undefined)
      const round1 = ed25519_FROST.DKG.round1(identifierOf(self), signers)
      const session = { round1, signed: broadcast.signed(attempt, self, publicParts(round1.public)), round2 }
      sessions.begin(attempt, session)
      return session
    },
    end(session) {
      sessions.end(session)
      session.round2.reject(new HoldfastError(ATTEMPT_OVER, 'this attempt is over here'))
      ed25519_FROST.DKG.clean(session.round1.secret)
    },
    handlers: () => [
      [KEYGEN_ROUND1, async (guest, body) => round1Json(await sessions.asked(body, guest.signal))],
      [
        KEYGEN_ROUND2,
        async (guest, body) => {
          const session = await sessions.asked(body, guest.signal)
          const packages = await withDeadline(
            () => session.round2.promise,
            LIMITS.keygenPackageMs,
            guest.signal,
            "this node's second round of the key generation",
          )
          const own = packages[identifierOf(guest.peer.participantId)]
          if (own === undefined) throw new HoldfastError('NOT_IN_KEYGEN', 'this attempt has no package for you')
          return { signing_share: bytesToHex(own.signingShare) }
        },
      ],
    ],
  }
}

/** What everybody must have got alike. */
export function publicParts({ commitment, proofOfKnowledge }: DKG_Round1): string[] {
  return [...commitment, proofOfKnowledge].map((bytes) => bytesToHex(bytes))
}

function round1Json({ round1, signed: { signature } }: KeygenSession): Json {
  const { commitment, proofOfKnowledge } = round1.public
  return {
    commitment: commitment.map((point) => bytesToHex(point)),
    proof_of_knowledge: bytesToHex(proofOfKnowledge),
    signature,
  }
}
