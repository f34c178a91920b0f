import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { KeygenSessions } from '../keygen/sessions.ts'
import { generateKey } from '../keygen/generate-key.ts'
import type { AskPeer, KeepShares, StoredShare } from '../ports.ts'
import { reshareKey } from '../resharing/reshare-key.ts'
import type { DealerSessions } from '../resharing/sessions.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { ATTEMPT_EXPIRED, KeyEventFailure, meshForAttempt, type AttemptMesh } from './ask-participant.ts'
import type { Broadcast } from './broadcast.ts'
import type { Echoes } from './echo.ts'
import type { KeyEventPart } from './key-event-driver.ts'

/**
 * Makes this node's share in one attempt with the other participants.
 * @throws KeyEventFailure, also where the attempt expires before somebody has answered; the signal's reason
 */
export type MakeShare = (attempt: AttemptId, part: KeyEventPart, signal: AbortSignal) => Promise<StoredShare>

type Parts = {
  keygen: KeygenSessions
  dealers: DealerSessions
  echoes: Echoes
  broadcast: Broadcast
  mesh: AskPeer
  shares: KeepShares
}

export function createShareMaker({ keygen, dealers, echoes, broadcast, mesh, shares }: Parts): MakeShare {
  return async (attempt, part, signal) => {
    const attemptMesh = meshForAttempt(mesh)
    try {
      return await make(attempt, part, attemptMesh, signal)
    } catch (error) {
      const silent = [...attemptMesh.waitingFor]
      if (!isHoldfastError(signal.reason, ATTEMPT_EXPIRED) || silent.length === 0) throw error
      throw new KeyEventFailure(
        `the attempt expired before ${silent.join(', ')} had answered: silent, or kept waiting by another, which its own log names`,
        silent[0],
        { cause: error },
      )
    }
  }

  async function make(
    attempt: AttemptId,
    { work, self: selfId }: KeyEventPart,
    attemptMesh: AttemptMesh,
    signal: AbortSignal,
  ): Promise<StoredShare> {
    signal.throwIfAborted()
    const { participants, threshold } = work
    const self = participants.find(({ participantId }) => participantId === selfId)
    if (self === undefined) throw new KeyEventFailure('this node takes no part in the attempt')
    const parts = { echo: echoes.begin(attempt, signal), broadcast, mesh: attemptMesh }
    switch (work.kind) {
      case 'generate': {
        const session = keygen.begin(attempt, selfId, { min: threshold, max: participants.length })
        const end = () => keygen.end(session)
        signal.addEventListener('abort', end, { once: true })
        const others = participants.filter((each) => each !== self)
        try {
          return await generateKey({ attempt, self, others, threshold }, { session, ...parts }, signal)
        } catch (error) {
          end()
          throw error
        }
      }
      case 'reshare': {
        const { previous } = work
        const oldShare = shares.held(previous.epochId, previous.key)?.share
        const plan = { attempt, self, participants, threshold, previous, oldShare }
        return reshareKey(plan, { sessions: dealers, ...parts }, signal)
      }
      default:
        work satisfies never
        throw new TypeError('unknown key event')
    }
  }
}
