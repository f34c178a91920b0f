import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../../src/access-key-methods.ts'
import type { Permission } from '../../../localnet/src/transaction/action.ts'
import type { Snapshot } from '../../../localnet/src/state/world.ts'
import { ed25519Key } from '../support/keys.ts'
import { account } from './chain.ts'

/** Who is on the chain: the contract, its participants, and everybody else who may turn up at it. */
export const CONTRACT = 'holdfast.near'
/** The participant whose rights are examined: participant 0, so also the leader. A relay stands on its account. */
export const ALICE = 'alice.near'
/** A name that every JavaScript object has something under. */
export const BOB = 'constructor'
export const CAROL = 'carol.near'
/** Was a participant until a resharing. */
export const ERIN = 'erin.near'
/** Wants to become one. */
export const DAVE = 'dave.near'
export const FRANK = 'frank.near'
/** Another contract, which hands calls on. */
export const RELAY = 'relay.near'

const ACCOUNTS = [CONTRACT, ALICE, BOB, CAROL, ERIN, DAVE, FRANK, RELAY]

/**
 * Keys of an account. `owner` is its full-access key. Alice has more: her node's, that of the node it has replaced (`old`),
 * that of the node which is to replace it (`next`), her backup service's, one that she gave to some application, for any
 * method of the contract (`app`), and one for the contract on her own account (`wallet`).
 */
export const ROLES = [
  'owner',
  'node',
  'old',
  'next',
  'backup',
  'app',
  'wallet',
  'tls',
  'old tls',
  'next tls',
  'backup tls',
] as const
export type Role = (typeof ROLES)[number]

/** A key of an account; always the same. */
export function keyOf(id: string, role: Role): string {
  return ed25519Key(1000 + 100 * ACCOUNTS.indexOf(id) + ROLES.indexOf(role))
}

export interface NodeInfo {
  readonly url: string
  readonly tls_public_key: string
}

/** Where a node of an account is and what its TLS key is. */
export function nodeInfo(id: string, role: 'tls' | 'old tls' | 'next tls'): NodeInfo {
  return { url: `http://${id.split('.')[0]}-${role.replace(' ', '-')}.example:80`, tls_public_key: keyOf(id, role) }
}

/** All accounts before anything has happened: the contract's with its code, the relays with theirs. */
export function everybody(holdfast: Uint8Array, relay: Uint8Array): Snapshot {
  const full: Permission = { kind: 'full' }
  const limitedTo = (methodNames: readonly string[], receiverId = CONTRACT): Permission => ({
    kind: 'call',
    allowance: null,
    receiverId,
    methodNames,
  })
  const owned = (id: string, wasm?: Uint8Array) => account({ [keyOf(id, 'owner')]: full }, wasm)
  const alice = account(
    {
      [keyOf(ALICE, 'owner')]: full,
      [keyOf(ALICE, 'old')]: limitedTo(NODE_METHODS),
      [keyOf(ALICE, 'node')]: limitedTo(NODE_METHODS),
      [keyOf(ALICE, 'next')]: limitedTo(NODE_METHODS),
      [keyOf(ALICE, 'backup')]: limitedTo(BACKUP_SERVICE_METHODS),
      [keyOf(ALICE, 'app')]: limitedTo([]),
      [keyOf(ALICE, 'wallet')]: limitedTo([], ALICE),
    },
    relay,
  )
  return new Map([
    [CONTRACT, owned(CONTRACT, holdfast)],
    [ALICE, alice],
    ...[BOB, CAROL, ERIN, DAVE, FRANK].map((id) => [id, owned(id)] as const),
    [RELAY, owned(RELAY, relay)],
  ])
}
