import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { FrostSecret, NonceCommitments, Nonces } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { identifierOf, publicPackage, secretPackage } from './group.ts'
import type { SignerCommitment } from './messages.ts'
import type { SigningKey } from './signing-key.ts'

/** What this node brings into a signature that it coordinates. `nonces` are secret and for one use. */
export type OwnPart = { secret: FrostSecret; nonces: Nonces; commitment: SignerCommitment }

/** Round one: new nonces and the commitments to them. */
export function ownPart(share: Keyshare, participantId: number): OwnPart {
  const secret = secretPackage(share, participantId)
  const { nonces, commitments } = ed25519_FROST.commit(secret)
  const { hiding, binding } = commitments
  return {
    secret,
    nonces,
    commitment: { participant_id: participantId, hiding: bytesToHex(hiding), binding: bytesToHex(binding) },
  }
}

/** Round two: this node's signature share; the nonces are zeroed by it. */
export function ownShare(
  key: SigningKey,
  own: OwnPart,
  commitments: SignerCommitment[],
  message: Uint8Array,
): Uint8Array {
  const group = publicPackage(key.key, [], key.participation.participants.length)
  return ed25519_FROST.signShare(own.secret, group, own.nonces, frostCommitments(commitments), message)
}

/** The signers' commitments as FROST wants them. */
export function frostCommitments(commitments: SignerCommitment[]): NonceCommitments[] {
  return commitments.map(({ participant_id, hiding, binding }) => ({
    identifier: identifierOf(participant_id),
    hiding: hexToBytes(hiding),
    binding: hexToBytes(binding),
  }))
}
