import { createHash, createPrivateKey, sign } from 'node:crypto'
import { verifiesEd25519 } from '@holdfast/protocol/ed25519-signature.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { attemptName, type AttemptId } from '../storage/share-directory.ts'

/** The SHA-256 of what a participant gives everybody alike in an attempt, and its signature under its TLS key; hex. */
export type SignedDigest = { digest: string; signature: string }

/**
 * Signatures that bind a participant to one public package per attempt. Two packages of one attempt that both carry its
 * signature prove that it told others something else (it equivocates), whoever shows them.
 */
export type Broadcast = {
  /** This node's own signature of its package, as participant `self`. */
  signed(attempt: AttemptId, self: number, parts: readonly string[]): SignedDigest
  isSigned(attempt: AttemptId, by: Participant, signed: SignedDigest): boolean
}

export function createBroadcast(contractId: string, identity: TlsIdentity): Broadcast {
  const key = createPrivateKey(identity.keyPem)
  return {
    signed(attempt, self, parts) {
      const digest = digestOf(parts)
      const signature = sign(null, statement(contractId, attempt, self, digest), key).toString('hex')
      return { digest, signature }
    },
    isSigned(attempt, { participantId, info }, { digest, signature }) {
      const said = statement(contractId, attempt, participantId, digest)
      return verifiesEd25519(info.tls_public_key, said, Buffer.from(signature, 'hex'))
    },
  }
}

/** Of hex texts, which hold no line break. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

/** Nothing that the key signs in TLS begins like this: there it is 64 spaces (RFC 8446, 4.4.3). */
function statement(contractId: string, attempt: AttemptId, participantId: number, digest: string): Buffer {
  return Buffer.from(`holdfast/broadcast/1\n${contractId}\n${attemptName(attempt)}\n${participantId}\n${digest}\n`)
}
