import * as v from 'valibot'
import type { Json } from '@holdfast/protocol/json.ts'
import { LIMITS } from '../limits.ts'
import { u64 } from './fields.ts'
import { parseMessage } from './messages.ts'

/** What a node says of itself in a heartbeat: its clock, and the newest final block that it has seen. Unix milliseconds. */
export type Beat = { clockMs: number; block: { height: bigint; timestampMs: number } | null }

export const BEAT = 'mesh/beat'

const milliseconds = v.pipe(v.number(), v.finite())
const beat = v.strictObject({
  clock_ms: milliseconds,
  block: v.nullable(v.strictObject({ height: u64, timestamp_ms: milliseconds })),
})

export function beatJson({ clockMs, block }: Beat): Json {
  return {
    clock_ms: clockMs,
    block: block === null ? null : { height: block.height, timestamp_ms: block.timestampMs },
  }
}

/** @throws HoldfastError `INVALID_MESSAGE` */
export function parseBeat(json: Json): Beat {
  const { clock_ms, block } = parseMessage(beat, json, 'a heartbeat')
  return {
    clockMs: clock_ms,
    block: block === null ? null : { height: block.height, timestampMs: block.timestamp_ms },
  }
}

/**
 * Why a peer must be left out: its clock or its view of the chain is too far from ours, so that it would answer for
 * another state than this node asks about. Undefined if it is fit. `halfwayMs` is our clock when it answered.
 */
export function unfitness(own: Beat, peer: Beat, halfwayMs: number): string | undefined {
  const clockOff = peer.clockMs - halfwayMs
  if (Math.abs(clockOff) > LIMITS.clockOffMs) {
    return `its clock is ${seconds(clockOff)} ${clockOff > 0 ? 'ahead of' : 'behind'} ours, allowed are ${seconds(LIMITS.clockOffMs)}`
  }
  if (own.block === null) return undefined
  if (peer.block === null) return 'it has no view of the contract'
  const viewOff = peer.block.timestampMs - own.block.timestampMs
  if (Math.abs(viewOff) > LIMITS.viewOffMs) {
    const where = `it is at block ${peer.block.height}, this node at ${own.block.height}`
    return `its view of the chain is ${seconds(viewOff)} ${viewOff > 0 ? 'ahead of' : 'behind'} ours (${where}), allowed are ${seconds(LIMITS.viewOffMs)}`
  }
  return undefined
}

function seconds(ms: number): string {
  return `${Math.round(Math.abs(ms) / 1000)} s`
}
