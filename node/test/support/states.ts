import { parseProtocolState, type PendingMigration, type ProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractFacts } from '../../src/phases/facts.ts'

/** A key that is the same for the same number. */
export function keyNumber(n: number): Ed25519KeyText {
  return createTlsIdentity(new Uint8Array(32).fill(n)).publicKeyText
}

export const KEYS = {
  mine: keyNumber(1),
  signer: keyNumber(2),
  bob: keyNumber(3),
  other: keyNumber(4),
  carol: keyNumber(5),
  group: keyNumber(6),
}
export const NOW_NS = 1_800_000_000_000_000_000n

/** What the contract says beside its state: nothing, but for what the test is about. */
export function factsOf(state: ProtocolState, facts: Partial<ContractFacts> = {}): ContractFacts {
  return {
    state,
    nowNs: NOW_NS,
    migration: null,
    hasBackupService: true,
    authorization: null,
    candidate: undefined,
    ...facts,
  }
}

/** A planned move to a node with these keys. */
export function moveTo(tlsKey: Ed25519KeyText, signerKey: Ed25519KeyText): PendingMigration {
  return {
    signer_account_pk: signerKey,
    destination_node_info: { url: 'http://new.near:3000', tls_public_key: tlsKey },
  }
}

export type Members = { account: string; key: Ed25519KeyText; incarnation?: number }[]
export const MINE_AND_OTHERS: Members = [
  { account: 'me.near', key: KEYS.mine },
  { account: 'bob.near', key: KEYS.bob },
  { account: 'carol.near', key: KEYS.carol },
]
export const REPLACEABLE: Members = [{ account: 'me.near', key: KEYS.other }, ...MINE_AND_OTHERS.slice(1)]

const keyOf = (domain: number, attempt = 0): Json => ({
  domain_id: domain,
  key: { Ed25519: { near_public_key_compressed: KEYS.group, edwards_point: [] } },
  attempt,
  commitments: ['00', '01'],
})
const domain = (id: number, protocol = 'Frost'): Json => ({
  id,
  protocol,
  reconstruction_threshold: 2,
  purpose: 'Sign',
})

function parameters(members: Members): Json {
  return {
    participants: {
      next_id: members.length,
      participants: members.map(({ account, key, incarnation }, id) => [
        account,
        id,
        { url: `http://${account}:3000`, tls_public_key: key, incarnation: incarnation ?? 0 },
      ]),
    },
    threshold: 2,
  }
}

function runningJson(members: Members): Json {
  return {
    domains: { domains: [domain(0)], next_domain_id: 1 },
    keyset: { epoch_id: 4, domains: [keyOf(0)] },
    parameters: parameters(members),
    participants_revision: 7,
  }
}

export function running(members: Members): ProtocolState {
  return parseProtocolState({ Running: runningJson(members) })
}

export type InstanceJson = { attempt_id: number; started_in: number; expires_on: number; completed: number[] } | null

export function initializing(members: Members, instance: InstanceJson = null, protocol = 'Frost'): ProtocolState {
  return parseProtocolState({
    Initializing: {
      domains: { domains: [domain(0), domain(1, protocol)], next_domain_id: 2 },
      epoch_id: 4,
      generated_keys: [keyOf(0)],
      generating_key: {
        epoch_id: 4,
        domain: domain(1, protocol),
        parameters: parameters(members),
        instance,
        next_attempt_id: 3,
      },
    },
  })
}

export function resharing(members: Members): ProtocolState {
  return parseProtocolState({
    Resharing: {
      previous_running_state: runningJson(members),
      reshared_keys: [],
      resharing_key: {
        epoch_id: 5,
        domain: domain(0),
        parameters: parameters(members),
        instance: null,
        next_attempt_id: 0,
      },
    },
  })
}

export type RecoveringJson = {
  account: string
  id: number
  key: Ed25519KeyText
  signer: Ed25519KeyText
  expiresAt?: bigint
}

export function recovery(members: Members, recovering: RecoveringJson[]): ProtocolState {
  return parseProtocolState({
    Recovery: {
      previous_running_state: runningJson(members),
      recovering: Object.fromEntries(
        recovering.map(({ account, id, key, signer, expiresAt = NOW_NS + 1_000_000_000n }) => [
          account,
          {
            participant_id: id,
            destination_node_info: { url: 'http://new.near:3000', tls_public_key: key },
            signer_account_pk: signer,
            requested_at: String(NOW_NS - 1n),
            expires_at: String(expiresAt),
            delivered: null,
          },
        ]),
      ),
    },
  })
}
