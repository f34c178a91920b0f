import { argumentError } from '../errors.ts'
import type { RpcMethod, RpcMethods } from '../method.ts'
import { objectParams } from '../params.ts'
import { parseStateRecord } from '../state-records.ts'

/** Resolves when the chain has a block beyond the skipped heights, so that the caller sees the new time. */
const fastForward: RpcMethod = async (params, { chain, signal }) => {
  const delta = objectParams(params)['delta_height']
  if (typeof delta !== 'number' || !Number.isInteger(delta) || delta < 0)
    throw argumentError('invalid type: expected u64 for `delta_height`')
  chain.fastForward(delta)
  await chain.nextBlock(signal)
  return {}
}

/** Resolves when the records are in a block. */
const patchState: RpcMethod = async (params, { chain, signal }) => {
  const { records } = objectParams(params)
  if (!Array.isArray(records)) throw argumentError('missing field `records`')
  const changes = records.map(parseStateRecord)
  for (const change of changes) chain.patch(change)
  await chain.nextBlock(signal)
  return {}
}

export const sandboxMethods: RpcMethods = { sandbox_fast_forward: fastForward, sandbox_patch_state: patchState }
