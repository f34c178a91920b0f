import type { KeygenSessions } from '../keygen/sessions.ts'
import { generateKey } from '../keygen/generate-key.ts'
import type { AskPeer, KeepShares, StoredShare } from '../ports.ts'
import { reshareKey } from '../resharing/reshare-key.ts'
import type { DealerSessions } from '../resharing/sessions.ts'
import { identifierOf } from '../signing/group.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import type { KeyEventPart } from './key-event-driver.ts'

/**
 * Makes this node's share in one attempt with the other participants.
 * @throws KeyEventFailure; the signal's reason when the attempt is over
 */
export type MakeShare = (attempt: AttemptId, part: KeyEventPart, signal: AbortSignal) => Promise<StoredShare>

type Parts = { keygen: KeygenSessions; dealers: DealerSessions; mesh: AskPeer; shares: KeepShares }

export function createShareMaker({ keygen, dealers, mesh, shares }: Parts): MakeShare {
  return (attempt, { work, self }, signal) => {
    const { participants, threshold } = work
    switch (work.kind) {
      case 'generate':
        return generate(attempt, self, participants, threshold, signal)
      case 'reshare': {
        const { previous } = work
        const oldShare = shares.held(previous.epochId, previous.key)?.share
        return reshareKey({ attempt, self, participants, threshold, previous, oldShare }, dealers, mesh, signal)
      }
      default:
        work satisfies never
        throw new TypeError('unknown key event')
    }
  }

  async function generate(
    attempt: AttemptId,
    self: number,
    participants: { participantId: number; accountId: string }[],
    threshold: number,
    signal: AbortSignal,
  ): Promise<StoredShare> {
    const session = keygen.begin(attempt, identifierOf(self), { min: threshold, max: participants.length })
    const end = () => keygen.end(session)
    signal.addEventListener('abort', end, { once: true })
    try {
      const others = participants.filter(({ participantId }) => participantId !== self)
      return await generateKey({ attempt, self, others, threshold }, session, mesh, signal)
    } catch (error) {
      end()
      throw error
    }
  }
}
