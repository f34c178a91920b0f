import type { Block } from '../chain/block.ts'
import type { BlockStore, Finality } from '../chain/block-store.ts'
import { argumentError } from './errors.ts'
import { parseHash, type Params } from './params.ts'

export type BlockReference =
  | { readonly kind: 'finality'; readonly finality: Finality }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'genesis' }

const FINALITIES: readonly string[] = ['optimistic', 'near-final', 'final']

export function parseFinality(value: unknown): Finality {
  if (typeof value !== 'string' || !FINALITIES.includes(value))
    throw argumentError(
      `unknown variant \`${String(value)}\`, expected one of \`optimistic\`, \`near-final\`, \`final\``,
    )
  return value as Finality
}

export function parseBlockId(value: unknown): BlockReference {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { kind: 'height', height: value }
  if (typeof value === 'string' && parseHash(value) !== null) return { kind: 'hash', hash: value }
  throw argumentError('data did not match any variant of untagged enum BlockId')
}

/** The block a request names by `block_id`, `finality` or `sync_checkpoint`. */
export function parseBlockReference(params: Params, missing: string): BlockReference {
  if ('block_id' in params) return parseBlockId(params['block_id'])
  if ('finality' in params) return { kind: 'finality', finality: parseFinality(params['finality']) }
  if ('sync_checkpoint' in params) return { kind: 'genesis' }
  throw argumentError(missing)
}

export type FoundBlock =
  | { readonly kind: 'found'; readonly block: Block }
  | { readonly kind: 'missing'; readonly text: string; readonly reference: unknown }
  | { readonly kind: 'forgotten'; readonly block: number }

/** @param lag how far this endpoint stays behind the chain, in blocks */
export function findBlock(blocks: BlockStore, reference: BlockReference, lag: number): FoundBlock {
  switch (reference.kind) {
    case 'finality':
      return { kind: 'found', block: blocks.head(reference.finality, lag) }
    case 'genesis':
      return { kind: 'found', block: blocks.genesis }
    case 'height': {
      const found = blocks.byHeight(reference.height)
      const text = `DB Not Found Error: BLOCK HEIGHT: ${reference.height} \n Cause: Unknown`
      if (found.kind === 'found' && found.block.ordinal <= blocks.head('optimistic', lag).ordinal) return found
      if (found.kind === 'forgotten') return { kind: 'forgotten', block: reference.height }
      return { kind: 'missing', text, reference: { block_id: reference.height } }
    }
    case 'hash': {
      const block = blocks.byHash(reference.hash)
      if (block !== undefined && block.ordinal <= blocks.head('optimistic', lag).ordinal)
        return { kind: 'found', block }
      const text = `DB Not Found Error: BLOCK: ${reference.hash} \n Cause: Unknown`
      return { kind: 'missing', text, reference: { block_id: reference.hash } }
    }
    default:
      throw new TypeError(`unknown reference ${String(reference satisfies never)}`)
  }
}
