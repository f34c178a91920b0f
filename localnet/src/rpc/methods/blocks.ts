import type { Block } from '../../chain/block.ts'
import { ROOT_ACCOUNT } from '../../chain/genesis.ts'
import { findBlock, parseBlockId, parseBlockReference, type BlockReference } from '../block-reference.ts'
import { argumentError, handlerError } from '../errors.ts'
import type { RpcContext, RpcMethod, RpcMethods } from '../method.ts'
import { isObject, objectParams } from '../params.ts'
import { blockView, chunkHash, chunkHeaderView } from '../views/block.ts'

function requireBlock(reference: BlockReference, { chain, lag }: RpcContext): Block {
  const found = findBlock(chain.blocks, reference, lag)
  switch (found.kind) {
    case 'found':
      return found.block
    case 'missing':
      throw handlerError('UNKNOWN_BLOCK', {}, found.text)
    case 'forgotten':
      throw handlerError('UNKNOWN_BLOCK', {}, `DB Not Found Error: BLOCK HEIGHT: ${found.block} \n Cause: Unknown`)
    default:
      throw new TypeError(`unknown lookup ${String(found satisfies never)}`)
  }
}

function parseBlockParams(params: unknown): BlockReference {
  if (Array.isArray(params) && params.length === 1) return parseBlockId(params[0])
  if (isObject(params) && Object.keys(params).length !== 1)
    throw argumentError('invalid value: map, expected map with a single key')
  return parseBlockReference(objectParams(params), 'invalid value: map, expected map with a single key')
}

const block: RpcMethod = (params, context) => blockView(requireBlock(parseBlockParams(params), context), context.chain)

const chunk: RpcMethod = (params, context) => {
  const found = ((): Block => {
    if (isObject(params) && typeof params['chunk_id'] === 'string') {
      const id = params['chunk_id']
      for (
        let at: Block | undefined = context.chain.blocks.head('optimistic');
        at !== undefined;
        at = context.chain.blocks.byHash(at.prevHash)
      )
        if (chunkHash(at) === id) return at
      throw handlerError('UNKNOWN_CHUNK', { chunk_hash: id }, `Chunk Missing (unavailable on the node): ${id}`)
    }
    if (!isObject(params)) throw argumentError('data did not match any variant of untagged enum ChunkReference')
    if (params['shard_id'] !== 0)
      throw handlerError(
        'INVALID_SHARD_ID',
        { shard_id: params['shard_id'] },
        `Shard id ${String(params['shard_id'])} does not exist`,
      )
    return requireBlock(parseBlockId(params['block_id']), context)
  })()
  return { author: ROOT_ACCOUNT, header: chunkHeaderView(found), receipts: [], transactions: [] }
}

export const blockMethods: RpcMethods = { block, chunk }
