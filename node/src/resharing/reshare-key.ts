import { setImmediate } from 'node:timers/promises'
import { hexToBytes } from '@noble/curves/utils.js'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import { askParticipant, KeyEventFailure } from '../key-events/ask-participant.ts'
import { attemptRequestOf } from '../key-events/attempt-sessions.ts'
import type { PreviousKey } from '../key-events/key-event-work.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { AskPeer, StoredShare } from '../ports.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { dealersOf } from './dealers.ts'
import { combine, deal, faultOf, isPure, type DealtShare } from './dealing.ts'
import { dealtResponse, RESHARE_DEALT } from './messages.ts'
import type { DealerSessions } from './sessions.ts'

/** One attempt at handing a key on: to whom, from which, and how many of the new shares are to reconstruct it. */
export type ResharingPlan = {
  attempt: AttemptId
  self: number
  participants: { participantId: number; accountId: string }[]
  threshold: number
  previous: PreviousKey
  /** This node's share of the previous key; a newcomer has none. */
  oldShare: Keyshare | undefined
}

/**
 * Takes part in an attempt at resharing a key (dealing.ts): deals if it is this node's turn, fetches what the other dealers
 * dealt it, proves each part against the commitments that the contract holds for the previous key, and returns the new
 * share with the new polynomial's commitments. That all got the same commitments is for the contract to see.
 * @throws KeyEventFailure naming a dealer whose part is missing or false; the signal's reason when the attempt is over
 */
export async function reshareKey(
  plan: ResharingPlan,
  sessions: DealerSessions,
  mesh: AskPeer,
  signal: AbortSignal,
): Promise<StoredShare> {
  const { attempt, self, participants, threshold, previous } = plan
  const old = commitmentsOf(previous)
  const stayers = previous.stayers.map(({ participantId }) => participantId)
  const dealers = dealersOf(attempt.attemptId, stayers, old.length)
  if (dealers === undefined) {
    throw new KeyEventFailure(`${stayers.length} of those that hold a share stay, ${old.length} must deal`)
  }
  const own = dealers.includes(self) ? dealOwn(plan, dealers, sessions, signal) : []
  const others = participants.filter(({ participantId }) => dealers.includes(participantId) && participantId !== self)
  const fetched = await Promise.all(
    others.map((dealer) =>
      askParticipant(
        mesh,
        dealer,
        { type: RESHARE_DEALT, body: attemptRequestOf(attempt) },
        (answer) => ({ dealer, dealt: readDealt(parseMessage(dealtResponse, answer, 'a dealt share')) }),
        signal,
      ),
    ),
  )
  for (const { dealer, dealt } of fetched) {
    // Curve arithmetic: other work of this process gets its turn in between.
    await setImmediate()
    signal.throwIfAborted()
    const fault = faultOf(dealt, { dealer: dealer.participantId, self, dealers, threshold, old })
    if (fault !== undefined) throw new KeyEventFailure(`${dealer.accountId} dealt ${fault}`, dealer.accountId)
  }
  const parts = [...own, ...fetched.map(({ dealt }) => dealt)]
  const sum = combine(parts)
  if (!isPure(sum)) throw impure(fetched)
  const { commitments, share } = sum
  for (const part of parts) part.share.fill(0)
  return {
    share: { ...attempt, curve: 'Ed25519', privateShare: share, publicKey: groupKey(previous.key.key).compressed },
    key: publicKeyText(previous.key.key),
    commitments,
  }
}

/** Begins to deal, until the attempt is over; returns this node's own part. */
function dealOwn(
  { attempt, self, participants, threshold, previous, oldShare }: ResharingPlan,
  dealers: readonly number[],
  sessions: DealerSessions,
  signal: AbortSignal,
): DealtShare[] {
  if (oldShare === undefined) {
    throw new KeyEventFailure(
      `this node is to deal and holds no share of the key of domain ${attempt.domainId} (epoch ${previous.epochId}, ` +
        `attempt ${previous.key.attempt}); later attempts choose others`,
    )
  }
  const dealing = deal(oldShare.privateShare, self, dealers, threshold)
  const session = { dealing, recipients: new Set(participants.map(({ participantId }) => participantId)) }
  const part = { commitments: dealing.commitments, share: dealing.shareFor(self) }
  sessions.begin(attempt, session)
  signal.addEventListener('abort', () => sessions.end(session), { once: true })
  return [part]
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

function readDealt({ commitments, share }: { commitments: string[]; share: string }): DealtShare {
  return { commitments, share: hexToBytes(share) }
}
