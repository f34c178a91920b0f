import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'
import { hexOf, participantId } from '../mesh/fields.ts'
import type { HandleRequest } from '../mesh/guest.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import { askParticipant, ATTEMPT_OVER, KeyEventFailure, type AttemptMesh } from './ask-participant.ts'
import { attemptRequestOf, createAttemptSessions } from './attempt-sessions.ts'
import type { Broadcast, SignedDigest } from './broadcast.ts'

export const ECHO = 'key-event/echo'

const echoResponse = v.strictObject({
  heard: v.pipe(
    v.array(v.strictObject({ participant_id: participantId, digest: hexOf(32), signature: hexOf(64) })),
    v.maxLength(256),
  ),
})

/** What this node got in an attempt, by whom; its own package included, where it gave one. */
export type Heard = ReadonlyMap<number, SignedDigest>

type EchoSession = PromiseWithResolvers<Heard>

/** One attempt's: first everybody is told, later compared with, so that what is computed in between keeps nobody waiting. */
export type Echo = {
  tell(heard: Heard): void
  /** @throws KeyEventFailure naming who cheats, see below; the signal's reason */
  compare(plan: EchoPlan, heard: Heard, mesh: AttemptMesh): Promise<void>
}

export type Echoes = {
  /** Begins the attempt's echo, which ends with the signal. */
  begin(attempt: AttemptId, signal: AbortSignal): Echo
  handlers(): [string, HandleRequest][]
}

/** `others`: who takes part in the attempt beside this node. */
export type EchoPlan = { attempt: AttemptId; self: Participant; others: readonly Participant[] }

/**
 * The broadcast that FROST's key generation (and any dealing) takes for granted, made of messages between two: when a node
 * has everybody's public package, each tells each what it got, and goes on only if all got the same (the echo broadcast of
 * Goldwasser and Lindell, 2002, which ZF FROST names for its key generation). Each package is signed, so that who gave two
 * different ones is named, and so is who claims to have got what was never given.
 */
export function createEchoes(broadcast: Broadcast): Echoes {
  const sessions = createAttemptSessions<EchoSession>()
  return {
    begin(attempt, signal) {
      const session = Promise.withResolvers<Heard>()
      session.promise.catch(() => undefined)
      sessions.begin(attempt, session)
      const end = () => {
        sessions.end(session)
        session.reject(new HoldfastError(ATTEMPT_OVER, 'this attempt is over here'))
      }
      signal.addEventListener('abort', end, { once: true })
      return {
        tell: (heard) => session.resolve(heard),
        async compare(plan, heard, mesh) {
          await Promise.all(plan.others.map((other) => compareWith(other, plan, heard, mesh, signal)))
        },
      }
    },
    handlers: () => [
      [
        ECHO,
        async (guest, body) => {
          const { promise } = await sessions.asked(body, guest.signal)
          const heard = await withDeadline(
            () => promise,
            LIMITS.keygenPackageMs,
            guest.signal,
            'hearing everybody here',
          )
          return { heard: [...heard].map(([id, signed]): Json => ({ participant_id: id, ...signed })) }
        },
      ],
    ],
  }

  /** @throws KeyEventFailure naming who gave others another package than this node, or the peer where that is not shown */
  async function compareWith(
    peer: Participant,
    { attempt, self, others }: EchoPlan,
    heard: Heard,
    mesh: AttemptMesh,
    signal: AbortSignal,
  ): Promise<void> {
    const request = { type: ECHO, body: attemptRequestOf(attempt) }
    const echo = await askParticipant(mesh, peer, request, (answer) => readEcho(answer), signal)
    for (const [id, mine] of heard) {
      const theirs = echo.get(id)
      if (theirs === undefined) throw new KeyEventFailure(`${peer.accountId} leaves out what it got`, peer.accountId)
      if (theirs.digest === mine.digest) continue
      const sender = [self, ...others].find(({ participantId }) => participantId === id)
      if (sender === undefined || sender === self || !broadcast.isSigned(attempt, sender, theirs)) {
        const whose = sender?.accountId ?? `participant ${id}`
        throw new KeyEventFailure(
          `${peer.accountId} claims to have got a package of ${whose} that ${whose} did not sign`,
          peer.accountId,
        )
      }
      throw new KeyEventFailure(
        `${sender.accountId} signed one package for this node and another for ${peer.accountId}: it cheats`,
        sender.accountId,
      )
    }
  }
}

function readEcho(answer: Json): Heard {
  const { heard } = parseMessage(echoResponse, answer, 'an echo')
  return new Map(heard.map(({ participant_id, ...signed }) => [participant_id, signed]))
}
