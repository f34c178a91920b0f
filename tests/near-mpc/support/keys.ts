import type { Curve } from '@holdfast/protocol/curves.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { type Keyshare, serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { dealKey, type DealtKey } from '../../../backup-service/test/support/dealt-key.ts'
import { callAsNode, parametersOf } from './contract-calls.ts'
import { presentMachine, type NearMpcNetwork, type NearMpcOperator } from './network.ts'

/** One domain per protocol that near/mpc has, and so every curve. */
const DOMAINS: { protocol: string; purpose: string; curve: Curve }[] = [
  { protocol: 'CaitSith', purpose: 'Sign', curve: 'Secp256k1' },
  { protocol: 'Frost', purpose: 'Sign', curve: 'Ed25519' },
  { protocol: 'ConfidentialKeyDerivation', purpose: 'CKD', curve: 'Bls12381' },
  { protocol: 'DamgardEtAl', purpose: 'Sign', curve: 'Secp256k1' },
]

/** Keys as the network agreed on them, and the polynomials behind them. */
export type NetworkKeys = {
  epochId: bigint
  domains: { domainId: bigint; attemptId: bigint; key: DealtKey }[]
}

/** The shares file of a participant, as near/mpc's node keeps it. */
export function sharesJson({ epochId, domains }: NetworkKeys, { participantId }: NearMpcOperator): string {
  return serializeKeyshares(
    domains.map(({ domainId, attemptId, key }): Keyshare => ({
      epochId,
      domainId,
      attemptId,
      curve: key.curve,
      privateShare: key.shareOf(participantId),
      publicKey: key.publicKey,
    })),
  )
}

/**
 * Votes for one domain per protocol and generates their keys. Of the first domain an attempt fails first, whose shares
 * the nodes keep for a while: what a lying endpoint would like to be backed up instead.
 */
export async function generateKeys(
  network: NearMpcNetwork,
  members: readonly NearMpcOperator[],
): Promise<{ keys: NetworkKeys; superseded: NetworkKeys }> {
  const { threshold } = network.devnet
  const domains = DOMAINS.map(({ protocol, purpose }, id) => ({
    ...{ id, protocol, purpose },
    reconstruction_threshold: threshold,
  }))
  const machines = members.map(presentMachine)
  const everyNode = (method: string, args: Json): Promise<unknown> =>
    Promise.all(machines.map((machine) => callAsNode(network, machine, method, args)))
  const [leader] = machines
  if (leader === undefined) throw new RangeError('a network has participants')
  await Promise.all(members.map((operator) => network.call(operator, 'vote_add_domains', { domains })))
  const keys: NetworkKeys = { epochId: 0n, domains: [] }
  const failed = dealKey('Secp256k1', threshold)
  const idOf = (domain_id: number, attempt_id: number): Json => ({ epoch_id: 0, domain_id, attempt_id })
  await callAsNode(network, leader, 'start_keygen_instance', { key_event_id: idOf(0, 0) })
  await callAsNode(network, leader, 'vote_abort_key_event_instance', { key_event_id: idOf(0, 0) })
  network.transcript.tell('nodes', 'attempt 0 at the first key is aborted; its shares stay with the nodes for a while')
  for (const [index, { protocol, curve }] of DOMAINS.entries()) {
    const attempt = index === 0 ? 1 : 0
    const key = dealKey(curve, threshold)
    await callAsNode(network, leader, 'start_keygen_instance', { key_event_id: idOf(index, attempt) })
    await everyNode('vote_pk', { key_event_id: idOf(index, attempt), public_key: key.text })
    keys.domains.push({ domainId: BigInt(index), attemptId: BigInt(attempt), key })
    network.transcript.tell('contract', `domain ${index} (${protocol}): ${key.text.slice(0, 40)}…, attempt ${attempt}`)
  }
  return {
    keys,
    superseded: { epochId: 0n, domains: [{ domainId: 0n, attemptId: 0n, key: failed }] },
  }
}

/** Reshares every key to other participants, who vote for it first: the same keys on new polynomials, the next epoch. */
export async function reshareKeys(
  network: NearMpcNetwork,
  keys: NetworkKeys,
  members: readonly NearMpcOperator[],
  next_id: number,
): Promise<NetworkKeys> {
  const { threshold } = network.devnet
  const epochId = keys.epochId + 1n
  const proposal = { parameters: parametersOf(network, members, next_id), per_domain_thresholds: {} }
  const vote = { prospective_epoch_id: epochId, proposal }
  const [first, ...others] = members.map(presentMachine)
  if (first === undefined) throw new RangeError('a network has participants')
  // One after the other: who is new may vote only after enough of the present ones.
  for (const operator of members) await network.call(operator, 'vote_new_parameters', vote)
  const domains: NetworkKeys['domains'] = []
  for (const { domainId, key } of keys.domains) {
    const key_event_id: Json = { epoch_id: epochId, domain_id: domainId, attempt_id: 0 }
    await callAsNode(network, first, 'start_reshare_instance', { key_event_id })
    await Promise.all([first, ...others].map((node) => callAsNode(network, node, 'vote_reshared', { key_event_id })))
    domains.push({ domainId, attemptId: 0n, key: key.reshare(threshold) })
  }
  return { epochId, domains }
}
