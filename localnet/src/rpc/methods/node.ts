import { ROOT_ACCOUNT } from '../../chain/genesis.ts'
import { standInHash } from '../../chain/block.ts'
import { GAS_PRICE } from '../../runtime/fees.ts'
import type { RpcContext, RpcMethod, RpcMethods } from '../method.ts'
import protocolConfig from '../protocol-config.json' with { type: 'json' }
import { PROTOCOL_VERSION } from '../protocol.ts'
import { EPOCH_ID, isoTime } from '../views/block.ts'

const STAKE = '50000000000000000000000000000000'
const startedAt = Date.now()

export function statusView({ chain, lag, address, rootPublicKey }: RpcContext): object {
  const { blocks, options } = chain
  const latest = blocks.head('optimistic', lag)
  const { earliest, genesis } = blocks
  return {
    chain_id: options.chainId,
    genesis_hash: genesis.hash,
    latest_protocol_version: PROTOCOL_VERSION,
    node_key: rootPublicKey,
    node_public_key: rootPublicKey,
    protocol_version: PROTOCOL_VERSION,
    rpc_addr: address,
    sync_info: {
      earliest_block_hash: earliest.hash,
      earliest_block_height: earliest.height,
      earliest_block_time: isoTime(earliest.timestamp),
      epoch_id: EPOCH_ID,
      epoch_start_height: (chain.epochHeight(latest.height) - 1) * options.epochLength + 1,
      latest_block_hash: latest.hash,
      latest_block_height: latest.height,
      latest_block_time: isoTime(latest.timestamp),
      latest_state_root: standInHash(latest, 'state'),
      syncing: false,
    },
    uptime_sec: Math.floor((Date.now() - startedAt) / 1000),
    validator_account_id: ROOT_ACCOUNT,
    validator_public_key: rootPublicKey,
    validators: [{ account_id: ROOT_ACCOUNT }],
    version: { build: 'holdfast', commit: 'unknown', rustc_version: 'unknown', version: 'localnet' },
  }
}

const validators: RpcMethod = (_, { chain, rootPublicKey }) => {
  const produced = chain.blocks.head('optimistic').ordinal - 1
  return {
    current_fishermen: [],
    current_proposals: [],
    current_validators: [
      {
        account_id: ROOT_ACCOUNT,
        is_slashed: false,
        num_expected_blocks: produced,
        num_expected_chunks: produced,
        num_expected_chunks_per_shard: [produced],
        num_expected_endorsements: produced,
        num_expected_endorsements_per_shard: [produced],
        num_produced_blocks: produced,
        num_produced_chunks: produced,
        num_produced_chunks_per_shard: [produced],
        num_produced_endorsements: produced,
        num_produced_endorsements_per_shard: [produced],
        public_key: rootPublicKey,
        shards: [0],
        shards_endorsed: [0],
        stake: STAKE,
      },
    ],
    epoch_height: chain.epochHeight(chain.blocks.head('optimistic').height),
    epoch_start_height: 1,
    next_fishermen: [],
    next_validators: [{ account_id: ROOT_ACCOUNT, public_key: rootPublicKey, shards: [0], stake: STAKE }],
    prev_epoch_kickout: [],
  }
}

const config: RpcMethod = (_, { chain }) => ({
  ...protocolConfig,
  chain_id: chain.options.chainId,
  epoch_length: chain.options.epochLength,
  genesis_time: isoTime(chain.blocks.genesis.timestamp),
  transaction_validity_period: chain.options.validityBlocks,
})

export const nodeMethods: RpcMethods = {
  status: (_, context) => statusView(context),
  health: () => null,
  gas_price: () => ({ gas_price: String(GAS_PRICE) }),
  network_info: () => ({
    active_peers: [],
    known_producers: [],
    num_active_peers: 0,
    peer_max_count: 40,
    received_bytes_per_sec: 0,
    sent_bytes_per_sec: 0,
  }),
  validators,
  EXPERIMENTAL_protocol_config: config,
  EXPERIMENTAL_genesis_config: config,
}
