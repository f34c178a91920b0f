import { standInHash, type Block } from '../../chain/block.ts'
import type { Chain } from '../../chain/chain.ts'
import { ROOT_ACCOUNT, TOTAL_SUPPLY } from '../../chain/genesis.ts'
import { toBase58, ZERO_HASH } from '../../primitives/bytes.ts'
import { GAS_PRICE } from '../../runtime/fees.ts'
import { PROTOCOL_VERSION } from '../protocol.ts'

/** A signature of the right form: this chain's producer signs nothing. */
const standInSignature = (block: Block): string => {
  const half = standInHash(block, 'signature')
  return `ed25519:${half}${half}`.slice(0, 8 + 87)
}

/** The node's ISO time with nanoseconds. */
export function isoTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}

export const EPOCH_ID = ZERO_HASH

export const chunkHash = (block: Block): string => standInHash(block, 'chunk')

export function chunkHeaderView(block: Block): object {
  return {
    balance_burnt: String(block.tokensBurnt),
    bandwidth_requests: { V1: { requests: [] } },
    chunk_hash: chunkHash(block),
    congestion_info: {
      allowed_shard: 0,
      buffered_receipts_gas: '0',
      delayed_receipts_gas: '0',
      receipt_bytes: 0,
    },
    encoded_length: 8,
    encoded_merkle_root: standInHash(block, 'encoded'),
    gas_limit: 1_000_000_000_000_000,
    gas_used: block.gasUsed,
    height_created: block.height,
    height_included: block.height,
    outcome_root: block.hasTransactions ? standInHash(block, 'outcomes') : ZERO_HASH,
    outgoing_receipts_root: standInHash(block, 'outgoing'),
    prev_block_hash: block.prevHash,
    prev_state_root: standInHash(block, 'previous state'),
    rent_paid: '0',
    shard_id: 0,
    signature: standInSignature(block),
    tx_root: block.hasTransactions ? standInHash(block, 'transactions') : ZERO_HASH,
    validator_proposals: [],
    validator_reward: '0',
  }
}

function headerView(block: Block, chain: Chain): object {
  const behind = (count: number): string => {
    let at: Block | undefined = block
    for (let step = 0; step < count && at !== undefined; step++) at = chain.blocks.byHash(at.prevHash)
    return at?.hash ?? chain.blocks.genesis.hash
  }
  return {
    approvals: [standInSignature(block)],
    block_body_hash: standInHash(block, 'body'),
    block_merkle_root: standInHash(block, 'merkle'),
    block_ordinal: block.ordinal,
    challenges_result: [],
    challenges_root: ZERO_HASH,
    chunk_endorsements: [[1]],
    chunk_headers_root: standInHash(block, 'chunk headers'),
    chunk_mask: [true],
    chunk_receipts_root: standInHash(block, 'chunk receipts'),
    chunk_tx_root: standInHash(block, 'chunk transactions'),
    chunks_included: 1,
    epoch_id: EPOCH_ID,
    epoch_sync_data_hash: null,
    gas_price: String(GAS_PRICE),
    hash: block.hash,
    height: block.height,
    last_ds_final_block: behind(1),
    last_final_block: behind(2),
    latest_protocol_version: PROTOCOL_VERSION,
    next_bp_hash: standInHash(chain.blocks.genesis, 'producers'),
    next_epoch_id: chain.blocks.genesis.hash,
    outcome_root: standInHash(block, 'outcomes'),
    prev_hash: block.prevHash,
    prev_height: block.prevHeight,
    prev_state_root: standInHash(block, 'previous state'),
    random_value: toBase58(block.randomValue),
    rent_paid: '0',
    signature: standInSignature(block),
    timestamp: block.timestamp,
    timestamp_nanosec: String(block.timestamp),
    total_supply: String(TOTAL_SUPPLY),
    validator_proposals: [],
    validator_reward: '0',
  }
}

export function blockView(block: Block, chain: Chain): object {
  return { author: ROOT_ACCOUNT, chunks: [chunkHeaderView(block)], header: headerView(block, chain) }
}
