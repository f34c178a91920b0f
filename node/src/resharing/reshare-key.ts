import { setImmediate } from 'node:timers/promises'
import { hexToBytes } from '@noble/curves/utils.js'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { askParticipant, KeyEventFailure, type AttemptMesh } from '../key-events/ask-participant.ts'
import { attemptRequestOf } from '../key-events/attempt-sessions.ts'
import { digestOf, type Broadcast, type SignedDigest } from '../key-events/broadcast.ts'
import type { Echo } from '../key-events/echo.ts'
import type { PreviousKey } from '../key-events/key-event-work.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { StoredShare } from '../ports.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { dealersOf } from './dealers.ts'
import { combine, deal, faultOf, isPure, type DealtShare } from './dealing.ts'
import { dealtResponse, RESHARE_DEALT } from './messages.ts'
import type { DealerSessions } from './sessions.ts'

/** One attempt at handing a key on: to whom, from which, and how many of the new shares are to reconstruct it. */
export type ResharingPlan = {
  attempt: AttemptId
  self: Participant
  participants: Participant[]
  threshold: number
  previous: PreviousKey
  /** This node's share of the previous key; a newcomer has none. */
  oldShare: Keyshare | undefined
}

/** What a node takes part with; `echo` is the attempt's. */
export type ResharingParts = {
  sessions: DealerSessions
  echo: Echo
  broadcast: Broadcast
  mesh: AttemptMesh
}

/**
 * Takes part in an attempt at resharing a key (dealing.ts): deals if it is this node's turn, fetches what the other dealers
 * dealt it, proves each part against the commitments that the contract holds for the previous key, and returns the new
 * share with the new polynomial's commitments. That every dealer gave everybody the same commitments is seen by an echo
 * (echo.ts), and by the contract, where everyone votes the sum.
 * @throws KeyEventFailure naming a dealer whose part is missing or false or who cheats; the signal's reason when the attempt is over
 */
export async function reshareKey(
  plan: ResharingPlan,
  parts: ResharingParts,
  signal: AbortSignal,
): Promise<StoredShare> {
  const { attempt, self, participants, threshold, previous } = plan
  const { broadcast, mesh, echo } = parts
  const old = commitmentsOf(previous)
  const stayers = previous.stayers.map(({ participantId }) => participantId)
  const dealers = dealersOf(attempt.attemptId, stayers, old.length)
  if (dealers === undefined) {
    throw new KeyEventFailure(`${stayers.length} of those that hold a share stay, ${old.length} must deal`)
  }
  const own = dealers.includes(self.participantId) ? [dealOwn(plan, dealers, parts, signal)] : []
  const others = participants.filter(({ participantId }) => participantId !== self.participantId)
  const fetched = await Promise.all(
    others
      .filter(({ participantId }) => dealers.includes(participantId))
      .map((dealer) =>
        askParticipant(
          mesh,
          dealer,
          { type: RESHARE_DEALT, body: attemptRequestOf(attempt) },
          (answer) => readDealt(dealer, answer, attempt, broadcast),
          signal,
        ),
      ),
  )
  const heard = new Map([...own, ...fetched].map(({ dealer, signed }) => [dealer.participantId, signed]))
  echo.tell(heard)
  await checkDealt(fetched, { self: self.participantId, dealers, threshold, old }, signal)
  await echo.compare({ attempt, self, others }, heard, mesh)
  const dealt = [...own, ...fetched].map((each) => each.dealt)
  const sum = combine(dealt)
  if (!isPure(sum)) throw impure(fetched)
  const { commitments, share } = sum
  for (const part of dealt) part.share.fill(0)
  return {
    share: { ...attempt, curve: 'Ed25519', privateShare: share, publicKey: groupKey(previous.key.key).compressed },
    key: publicKeyText(previous.key.key),
    commitments,
  }
}

/** What a dealer gave this node, and its signature of the public part. */
type Fetched = { dealer: Participant; dealt: DealtShare; signed: SignedDigest }

async function checkDealt(
  fetched: Fetched[],
  expected: { self: number; dealers: readonly number[]; threshold: number; old: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  for (const { dealer, dealt } of fetched) {
    // Curve arithmetic: other work of this process gets its turn in between.
    await setImmediate()
    signal.throwIfAborted()
    const fault = faultOf(dealt, { dealer: dealer.participantId, ...expected })
    if (fault !== undefined) throw new KeyEventFailure(`${dealer.accountId} dealt ${fault}`, dealer.accountId)
  }
}

/** Begins to deal, until the attempt is over; returns this node's own part. */
function dealOwn(
  { attempt, self, participants, threshold, previous, oldShare }: ResharingPlan,
  dealers: readonly number[],
  { sessions, broadcast }: ResharingParts,
  signal: AbortSignal,
): Fetched {
  if (oldShare === undefined) {
    throw new KeyEventFailure(
      `this node is to deal and holds no share of the key of domain ${attempt.domainId} (epoch ${previous.epochId}, ` +
        `attempt ${previous.key.attempt}); later attempts choose others`,
    )
  }
  const dealing = deal(oldShare.privateShare, self.participantId, dealers, threshold)
  const signed = broadcast.signed(attempt, self.participantId, dealing.commitments)
  const recipients = new Set(participants.map(({ participantId }) => participantId))
  const session = { dealing, signature: signed.signature, recipients }
  const dealt = { commitments: dealing.commitments, share: dealing.shareFor(self.participantId) }
  sessions.begin(attempt, session)
  signal.addEventListener('abort', () => sessions.end(session), { once: true })
  return { dealer: self, dealt, signed }
}

/** Only where the sum is wrong is it worth finding out whose part is. */
function impure(fetched: { dealer: { accountId: string }; dealt: DealtShare }[]): KeyEventFailure {
  const culprit = fetched.find(({ dealt }) => !isPure(dealt))?.dealer.accountId
  return new KeyEventFailure(`${culprit ?? 'somebody'} dealt a commitment that is not of prime order`, culprit)
}

function commitmentsOf({ key }: PreviousKey): string[] {
  if (key.commitments !== null && 'Ed25519' in key.key) return key.commitments
  throw new KeyEventFailure(
    `the contract holds no commitments for the key of domain ${key.domain_id}: no dealer's part could be proved`,
  )
}

/** @throws HoldfastError `INVALID_MESSAGE` */
function readDealt(dealer: Participant, answer: Json, attempt: AttemptId, broadcast: Broadcast): Fetched {
  const { commitments, share, signature } = parseMessage(dealtResponse, answer, 'a dealt share')
  const signed = { digest: digestOf(commitments), signature }
  if (broadcast.isSigned(attempt, dealer, signed))
    return { dealer, dealt: { commitments, share: hexToBytes(share) }, signed }
  throw new HoldfastError('INVALID_MESSAGE', 'its commitments are not signed by its TLS key')
}
