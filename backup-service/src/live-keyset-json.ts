import type { Json } from '@holdfast/protocol/json.ts'

/**
 * The live keyset exactly as the contract wrote it: Running's, or the previous running state's during a resharing or a
 * recovery. The node is asked with this and not with a keyset of our own making, because near/mpc wants fields
 * (`edwards_point`) that Holdfast does not read.
 */
export function liveKeysetJson(state: Json): Json {
  const running =
    member(state, 'Running') ??
    member(member(state, 'Resharing'), 'previous_running_state') ??
    member(member(state, 'Recovery'), 'previous_running_state')
  return member(running, 'keyset') ?? null
}

function member(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
}
