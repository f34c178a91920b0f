import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { FrostPublic, NonceCommitments } from '@noble/curves/abstract/frost.js'
import { verifiesEd25519 } from '@holdfast/protocol/ed25519-signature.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { identifierOf, publicPackage } from './group.ts'
import type { SignerCommitment } from './messages.ts'
import { frostCommitments } from './own-part.ts'
import { accountOf, type Failure } from './signers.ts'
import type { SigningKey } from './signing-key.ts'

/** A plain Ed25519 signature under the contract's key, and the accounts that made it. */
export type Signature = { signature: Uint8Array; publicKey: string; signers: string[] }

/**
 * Adds up the shares; if the result is no signature, every share is checked alone and the wrong ones are named.
 * @throws HoldfastError `SHARES_DAMAGED` if this node's own is wrong, `SIGNING_FAILED`
 */
export function aggregate(
  key: SigningKey,
  commitments: SignerCommitment[],
  message: Uint8Array,
  parts: Map<number, Uint8Array>,
): Signature | { failed: Map<number, Failure> } {
  const ids = [...parts.keys()]
  const group = publicPackage(key.key, ids, key.participation.participants.length)
  const list = frostCommitments(commitments)
  try {
    const shares = Object.fromEntries([...parts].map(([id, share]) => [identifierOf(id), share]))
    const signature = ed25519_FROST.aggregate(group, list, message, shares)
    const publicKey = publicKeyText(key.key.key)
    // By another implementation than the one that signed.
    if (verifiesEd25519(publicKey, message, signature)) {
      return { signature, publicKey, signers: ids.map((id) => accountOf(key, id)).toSorted() }
    }
  } catch (error) {
    const wrong = ids.filter((id) => !isGenuine(group, list, message, id, parts.get(id)))
    if (wrong.length === 0)
      throw new HoldfastError('SIGNING_FAILED', `cannot sign: ${errorMessage(error)}; try again`, { cause: error })
    if (wrong.includes(key.participation.self.participantId)) throw ownShareWrong(key)
    const why = 'its signature share does not fit its public share: its stored key share is wrong, or it cheats'
    return { failed: new Map(wrong.map((id) => [id, { kind: 'failed', account: accountOf(key, id), why }])) }
  }
  throw new HoldfastError(
    'SIGNING_FAILED',
    `cannot sign with domain ${key.key.domain_id}: the result does not verify under the contract's key`,
  )
}

function isGenuine(
  group: FrostPublic,
  list: NonceCommitments[],
  message: Uint8Array,
  id: number,
  share: Uint8Array | undefined,
): boolean {
  try {
    return share !== undefined && ed25519_FROST.verifyShare(group, list, message, identifierOf(id), share)
  } catch {
    return false
  }
}

function ownShareWrong(key: SigningKey): HoldfastError {
  return new HoldfastError(
    'SHARES_DAMAGED',
    `cannot sign with domain ${key.key.domain_id}: this node's own key share does not fit its public share; set up the node in a new home and let it recover`,
  )
}
