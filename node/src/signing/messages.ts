import * as v from 'valibot'
import { LIMITS } from '../limits.ts'
import { hexOf, participantId, u64 } from '../mesh/fields.ts'

const bytes32 = hexOf(32)
const session = hexOf(16)

/** The key a signature is for; a peer answers only if this is exactly the key that is live in its own view. */
const keyId = { epoch_id: u64, domain_id: u64, attempt_id: u64 }

const message = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/), v.maxLength(2 * LIMITS.messageBytes))

/**
 * Round one asks for a pair of nonce commitments; `session` names them until round two. It holds the message, so that who
 * does not agree to it says so before there are nonces.
 */
export const commitRequest = v.strictObject({ session, ...keyId, message })
export const commitResponse = v.strictObject({ hiding: bytes32, binding: bytes32 })

/** Round two asks for the share of a signature of the same message under exactly these signers' commitments. */
export const shareRequest = v.strictObject({
  session,
  ...keyId,
  message,
  commitments: v.pipe(
    v.array(v.strictObject({ participant_id: participantId, hiding: bytes32, binding: bytes32 })),
    v.minLength(2),
    v.maxLength(256),
  ),
})
export const shareResponse = v.strictObject({ share: bytes32 })

export type KeyName = Pick<CommitRequest, 'epoch_id' | 'domain_id' | 'attempt_id'>
export type CommitRequest = v.InferOutput<typeof commitRequest>
export type ShareRequest = v.InferOutput<typeof shareRequest>
export type SignerCommitment = ShareRequest['commitments'][number]

/** The code of a refusal of round one by the node's cosigning policy: it neither fails nor cheats. */
export const DECLINED = 'DECLINED'

/** Codes of refusals by a node whose view of the contract is not the asking one's. */
export const OTHER_VIEW: ReadonlySet<string> = new Set([
  'NOT_PARTICIPATING',
  'NOT_PARTICIPANT',
  'OTHER_KEYSET',
  'UNKNOWN_DOMAIN',
  'VIEW_STALE',
  'WRONG_SIGNERS',
])

export const SIGN_COMMIT = 'sign/commit'
export const SIGN_SHARE = 'sign/share'
