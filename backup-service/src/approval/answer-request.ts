import { lstat } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { homePaths } from '../home-paths.ts'
import { answerFiles, requestFile } from './adapters/approval-files.ts'
import { sameRequest, type RestoreAnswer } from './approval.ts'
import type { SeenRequest } from './ports.ts'

export type AnswerOptions = {
  home: string
  verdict: RestoreAnswer['verdict']
  /** Must be the request's destination where given. A denial may name one that nobody has asked for yet. */
  destination?: Ed25519KeyText | undefined
}

/** What was answered; `request` is what the service had seen. */
export type Answered = { answer: RestoreAnswer; request: SeenRequest | undefined }

/** A denial of a destination that nobody has asked for yet carries this in place of a request. */
const NO_REQUEST = 0n

/**
 * Answers the restore request that the backup service of this home has seen. The service reads the answer within a second,
 * or when it next starts.
 * @throws HoldfastError `NO_RESTORE_REQUEST`, `OTHER_RESTORE_REQUEST` if another destination asks, `RESTORE_DENIED` if it was
 * denied before, `WRONG_USER`, `ANSWERS_UNREADABLE`
 */
export async function answerRequest({ home, verdict, destination }: AnswerOptions): Promise<Answered> {
  await checkUser(home)
  const paths = homePaths(home)
  const request = await requestFile(paths.restoreRequest).recall()
  const store = answerFiles(paths.restoreAnswers)
  const answer = answerTo(request, verdict, destination)
  const given = await store.answers()
  const denied = given.some((earlier) => earlier.verdict === 'denied' && earlier.destination === answer.destination)
  if (verdict === 'approved' && denied) throw deniedBefore(answer.destination)
  const again = given.some((earlier) => earlier.verdict === verdict && sameRequest(earlier, answer))
  if (!again) await store.give(answer)
  return { answer, request }
}

function answerTo(
  request: SeenRequest | undefined,
  verdict: RestoreAnswer['verdict'],
  destination: Ed25519KeyText | undefined,
): RestoreAnswer {
  if (request !== undefined && (destination ?? request.destination) === request.destination)
    return { destination: request.destination, requestedAt: request.requestedAt, verdict }
  if (verdict === 'denied' && destination !== undefined) return { destination, requestedAt: NO_REQUEST, verdict }
  if (request === undefined) {
    throw new HoldfastError(
      'NO_RESTORE_REQUEST',
      'there is nothing to answer: the backup service of this home has seen no recovery or migration of its operator; check that it ' +
        'runs and what it sees with: holdfast backup status',
    )
  }
  throw new HoldfastError(
    'OTHER_RESTORE_REQUEST',
    `refusing to approve: the ${request.claim} in the contract is for ${request.destination}, not for ${destination}; find out ` +
      "which of the two is your new node's TLS key before you answer",
  )
}

function deniedBefore(destination: Ed25519KeyText): HoldfastError {
  return new HoldfastError(
    'RESTORE_DENIED',
    `refusing to approve: ${destination} was denied before, and that is for good; if it is your node after all, give it ` +
      'new keys, and ask for the restore with those',
  )
}

/** A file of another user, root's for one, could not be read by the service. */
async function checkUser(home: string): Promise<void> {
  const owner = await lstat(home).catch((error: NodeJS.ErrnoException) => {
    throw new HoldfastError('HOME_UNREADABLE', `cannot look at ${home} (${error.code}); check the path and its owner`)
  })
  const me = process.geteuid?.()
  if (me === undefined || me === owner.uid) return
  throw new HoldfastError(
    'WRONG_USER',
    `refusing to answer: ${home} belongs to user id ${owner.uid}, this is ${me}; run it as the backup service's user, for ` +
      `example: sudo -u '#${owner.uid}' holdfast backup …`,
  )
}
