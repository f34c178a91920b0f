import type { Keyset, ProtocolState } from './contract-state.ts'
import type { Json } from './json.ts'
import { liveKeyset } from './live-state.ts'

/**
 * The keys that the contract has agreed on and never takes back, and so those to back up: the live keyset, and while keys
 * are generated those that are ready already. Cancelling the generation makes exactly these live; so does its end, with
 * the keys that came since. To wait for its end would leave the earlier keys, which then are part of a keyset that nobody
 * has a whole copy of, without a backup too. Undefined where there is none.
 */
export function concludedKeyset(state: ProtocolState): Keyset | undefined {
  if (state.kind !== 'Initializing') return liveKeyset(state)
  const { epoch_id, generated_keys } = state.state
  return generated_keys.length > 0 ? { epoch_id, domains: generated_keys } : undefined
}

/**
 * `concludedKeyset` exactly as the contract wrote it, from the same state's JSON. A node is asked with this and not with a
 * keyset of our own making, because near/mpc wants fields (`edwards_point`) that Holdfast does not read.
 */
export function concludedKeysetJson(state: Json): Json {
  const initializing = member(state, 'Initializing')
  if (initializing !== undefined) {
    return {
      epoch_id: member(initializing, 'epoch_id') ?? null,
      domains: member(initializing, 'generated_keys') ?? null,
    }
  }
  const running =
    member(state, 'Running') ??
    member(member(state, 'Resharing'), 'previous_running_state') ??
    member(member(state, 'Recovery'), 'previous_running_state')
  return member(running, 'keyset') ?? null
}

function member(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
}
