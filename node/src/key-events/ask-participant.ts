import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'
import { PeerRefusal } from '../mesh/peer-refusal.ts'
import type { AskPeer } from '../ports.ts'

/** Why an attempt failed here: the participant whose package could not be used, if it was one's doing. */
export class KeyEventFailure extends HoldfastError<'KEY_EVENT_FAILED'> {
  readonly accountId: string | undefined
  constructor(sentence: string, accountId?: string, options?: ErrorOptions) {
    super('KEY_EVENT_FAILED', sentence, options)
    this.accountId = accountId
  }
}

/** The code with which a participant refuses packages of an attempt that has ended for it. */
export const ATTEMPT_OVER = 'ATTEMPT_OVER'
/** Why an attempt ends here that took longer than the contract waits: somebody was silent. */
export const ATTEMPT_EXPIRED = 'ATTEMPT_EXPIRED'

/** The mesh as one attempt uses it, and whose packages it still waits for. */
export type AttemptMesh = AskPeer & { waitingFor: Set<string> }

export function meshForAttempt({ ask, connected }: AskPeer): AttemptMesh {
  return { ask, connected, waitingFor: new Set() }
}

type Other = { participantId: number; accountId: string }

/**
 * Asks a participant for its package and reads it with `read`. One that is not connected yet may be so in a moment; the
 * attempt's end bounds the wait.
 * @throws KeyEventFailure naming the participant; the signal's reason
 */
export async function askParticipant<T>(
  mesh: AttemptMesh,
  { participantId, accountId }: Other,
  request: { type: string; body: Json },
  read: (answer: Json) => T,
  signal: AbortSignal,
): Promise<T> {
  mesh.waitingFor.add(accountId)
  try {
    const answer = await askPatiently(mesh, participantId, request, signal)
    mesh.waitingFor.delete(accountId)
    return read(answer)
  } catch (error) {
    if (!isHoldfastError(error) || signal.aborted) throw error
    // It found out something before this node did, and is not to be blamed for that.
    if (error instanceof PeerRefusal && error.refusal === ATTEMPT_OVER)
      throw new KeyEventFailure(`${accountId} has given the attempt up; its log says why`)
    throw new KeyEventFailure(`no usable package from ${accountId}: ${error.message}`, accountId, { cause: error })
  }
}

async function askPatiently(
  mesh: AskPeer,
  participantId: number,
  { type, body }: { type: string; body: Json },
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
