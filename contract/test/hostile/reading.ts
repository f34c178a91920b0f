import { parseJson } from '../../../protocol/src/json.ts'
import { ALICE, BOB, CAROL, CONTRACT, DAVE, ERIN, nodeInfo } from './cast.ts'
import { type Moment, view } from './chain.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- views are JSON
export type Json = any

/** Who takes part; the first members are these and one who leaves. */
export const MEMBERS = [ALICE, BOB, CAROL]
export const FIRST_MEMBERS = [...MEMBERS, ERIN]
const FIRST_THRESHOLD = 3
const THRESHOLD = 2
const THRESHOLD_WITH_NEWCOMER = 3

export function initArguments(): Json {
  const participants = FIRST_MEMBERS.map((id, index) => [id, index, nodeInfo(id, id === ALICE ? 'old tls' : 'tls')])
  return { parameters: { participants: { next_id: participants.length, participants }, threshold: FIRST_THRESHOLD } }
}

const bodies = new WeakMap<Moment, Json>()

/** The contract's `state()`, without its tag. A moment does not change, so it is asked once. */
export function bodyOf(moment: Moment): Json {
  const known = bodies.get(moment) ?? readBody(moment)
  bodies.set(moment, known)
  return known
}

function readBody(moment: Moment): Json {
  const { text, ...ending } = view(moment, CONTRACT, 'state', new TextEncoder().encode('{}'))
  if (ending.kind !== 'done') throw new Error(`state failed: ${JSON.stringify(ending)}`)
  return Object.values(parseJson(text ?? '', 'state') as object)[0]
}

/** What a vote or a start must name at this moment. */
export function keyEventOf(moment: Moment): Json {
  const { generating_key, resharing_key } = bodyOf(moment)
  const event = generating_key ?? resharing_key
  return {
    epoch_id: event.epoch_id,
    domain_id: event.domain.id,
    attempt_id: event.instance?.attempt_id ?? event.next_attempt_id,
  }
}

/** The proposal to let the candidate in, as a client would make it at this moment. */
export function admission(moment: Moment): Json {
  return proposal(moment, THRESHOLD_WITH_NEWCOMER, ({ next_id, participants }) => ({
    next_id: next_id + 1,
    participants: [...participants, [DAVE, next_id, nodeInfo(DAVE, 'tls')]],
  }))
}

/** The proposal to go on without one of the first members. */
export function dismissal(moment: Moment): Json {
  return proposal(moment, THRESHOLD, ({ next_id, participants }) => ({
    next_id,
    participants: participants.filter(([id]: [string]) => id !== ERIN),
  }))
}

function proposal(moment: Moment, threshold: number, change: (members: Json) => Json): Json {
  const body = bodyOf(moment)
  const { keyset, parameters } = body.previous_running_state ?? body
  const participants = change(parameters?.participants ?? initArguments().parameters.participants)
  return {
    prospective_epoch_id: (keyset?.epoch_id ?? 0) + 1,
    proposal: { parameters: { participants, threshold }, per_domain_thresholds: {} },
  }
}
