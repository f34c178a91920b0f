import type { Keyset, ProtocolState } from './contract-state.ts'
import type { Json } from './json.ts'
import { liveRunningState } from './live-state.ts'

/**
 * The keys that the contract has agreed on and never takes back: the live keyset, and while keys are generated those that
 * are ready already. Cancelling the generation makes exactly these live; so does its end, with the keys that came since.
 * Without domains where there is none.
 */
export function concludedKeys(state: ProtocolState): Keyset {
  if (state.kind === 'Initializing') return { epoch_id: state.state.epoch_id, domains: state.state.generated_keys }
  return liveRunningState(state)?.keyset ?? { epoch_id: 0n, domains: [] }
}

/**
 * What to back up: `concludedKeys`, or undefined where there are none. To wait for the end of a key generation would leave
 * the earlier keys, which then are part of a keyset that nobody has a whole copy of, without a backup too.
 */
export function concludedKeyset(state: ProtocolState): Keyset | undefined {
  const keys = concludedKeys(state)
  return keys.domains.length > 0 ? keys : undefined
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
