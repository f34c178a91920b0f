import type { Json } from '@holdfast/protocol/json.ts'

/** Whose state this is, by the fields that Holdfast adds to near/mpc's (protocol.md 2.1). */
export type StateShape = 'holdfast' | 'near-mpc' | 'none'

/**
 * Tells Holdfast's state from near/mpc's without knowing what else is in it. `none` before the initialisation, when there is
 * nothing to tell them by. Of a key generation only the participants tell: there are always some.
 */
export function shapeOf(state: Json): StateShape {
  if (state === 'NotInitialized') return 'none'
  if (member(state, 'Recovery') !== undefined) return 'holdfast'
  const running = member(state, 'Running') ?? member(member(state, 'Resharing'), 'previous_running_state')
  if (running !== undefined) return member(running, 'participants_revision') === undefined ? 'near-mpc' : 'holdfast'
  const parameters = member(member(member(state, 'Initializing'), 'generating_key'), 'parameters')
  const entries = member(member(parameters, 'participants'), 'participants')
  const info = Array.isArray(entries) && Array.isArray(entries[0]) ? entries[0][2] : undefined
  return member(info, 'incarnation') === undefined ? 'near-mpc' : 'holdfast'
}

function member(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
}
