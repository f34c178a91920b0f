import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { FrostSecret, Nonces } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { LIMITS } from '../limits.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { AskPeer, KeepShares, KnowSituation } from '../ports.ts'
import { createLimiter } from './limiter.ts'
import { identifierOf, isGroupElement, publicPackage, secretPackage } from './group.ts'
import { commitResponse, shareResponse, SIGN_COMMIT, SIGN_SHARE, type SignerCommitment } from './messages.ts'
import { signingKey, type SigningKey } from './signing-key.ts'

/** A plain Ed25519 signature under the contract's key, and the accounts that made it. */
export type Signature = { signature: Uint8Array; publicKey: string; signers: string[] }
export type SignMessage = (domainId: bigint, message: Uint8Array, signal: AbortSignal) => Promise<Signature>

type Failure = { account: string; why: string }
type Parts = { situation: KnowSituation; shares: KeepShares; mesh: AskPeer; log: Logger }

/**
 * Signs with this node as the coordinator: it chooses t signers, itself among them if it holds a share, runs FROST's two rounds and checks
 * the signature as plain Ed25519 under the contract's key before it answers. A signer that fails or cheats is named,
 * logged and left out of the next try, which starts with new nonces.
 */
export function createSigner({ situation, shares, mesh, log }: Parts): SignMessage {
  const limit = createLimiter(LIMITS.signaturesAtATime)
  return async (domainId, message, signal) => {
    if (message.length > LIMITS.messageBytes) {
      throw new HoldfastError(
        'MESSAGE_TOO_LONG',
        `cannot sign ${message.length} bytes: the limit is ${LIMITS.messageBytes}; sign a digest instead`,
      )
    }
    return limit(() => sign(domainId, message, signal))
  }

  async function sign(domainId: bigint, message: Uint8Array, signal: AbortSignal): Promise<Signature> {
    const failed = new Map<number, Failure>()
    for (;;) {
      signal.throwIfAborted()
      const key = signingKey(situation, shares, domainId)
      const others = chooseSigners(key, failed)
      const result = await attempt(key, others, message, signal)
      if ('signature' in result) return result
      for (const [participantId, failure] of result.failed) {
        log.warn({ peer: failure.account, domain_id: domainId, reason: failure.why }, 'a signer failed and is left out')
        failed.set(participantId, failure)
      }
    }
  }

  function chooseSigners(key: SigningKey, failed: Map<number, Failure>): number[] {
    const { active } = key.participation
    const up = new Set(mesh.connected().map(({ participantId }) => participantId))
    const usable = active.map(({ participantId }) => participantId).filter((id) => up.has(id) && !failed.has(id))
    const needed = key.share === undefined ? key.threshold : key.threshold - 1
    if (usable.length >= needed) return shuffled(usable).slice(0, needed)
    throw tooFew(key, usable.length, up, failed)
  }

  async function attempt(
    key: SigningKey,
    others: number[],
    message: Uint8Array,
    signal: AbortSignal,
  ): Promise<Signature | { failed: Map<number, Failure> }> {
    const { self } = key.participation
    const failed = new Map<number, Failure>()
    const session = randomBytes(16).toString('hex')
    const keyId = { epoch_id: key.epochId, domain_id: key.key.domain_id, attempt_id: key.key.attempt }
    const own = key.share === undefined ? undefined : ownPart(key.share, self.participantId)
    try {
      const commitments: SignerCommitment[] = own === undefined ? [] : [own.commitment]
      await Promise.all(
        others.map((id) =>
          blamed(key, id, failed, async () => {
            const answer = await askSigner(id, SIGN_COMMIT, { session, ...keyId }, signal)
            const commitment = parseMessage(commitResponse, answer, 'a commitment')
            if (!isGroupElement(commitment.hiding) || !isGroupElement(commitment.binding)) {
              throw new HoldfastError('INVALID_MESSAGE', 'its commitment is no pair of group elements')
            }
            commitments.push({ participant_id: id, ...commitment })
          }),
        ),
      )
      if (failed.size > 0) return { failed }
      const request: Json = { session, ...keyId, message: bytesToHex(message), commitments }
      const parts = new Map<number, Uint8Array>()
      if (own !== undefined) parts.set(self.participantId, ownShare(key, own, commitments, message))
      await Promise.all(
        others.map((id) =>
          blamed(key, id, failed, async () => {
            const answer = await askSigner(id, SIGN_SHARE, request, signal)
            parts.set(id, hexToBytes(parseMessage(shareResponse, answer, 'a signature share').share))
          }),
        ),
      )
      return failed.size > 0 ? { failed } : aggregate(key, commitments, message, parts)
    } finally {
      own?.nonces.hiding.fill(0)
      own?.nonces.binding.fill(0)
    }
  }

  function askSigner(participantId: number, type: string, body: Json, signal: AbortSignal): Promise<Json> {
    return mesh.ask(participantId, type, body, { signal, timeoutMs: LIMITS.meshRequestMs })
  }
}

async function blamed(
  key: SigningKey,
  id: number,
  failed: Map<number, Failure>,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isHoldfastError(error)) throw error
    failed.set(id, { account: accountOf(key, id), why: error.message })
  }
}

function frostCommitments(commitments: SignerCommitment[]) {
  return commitments.map(({ participant_id, hiding, binding }) => ({
    identifier: identifierOf(participant_id),
    hiding: hexToBytes(hiding),
    binding: hexToBytes(binding),
  }))
}

type OwnPart = { secret: FrostSecret; nonces: Nonces; commitment: SignerCommitment }

function ownPart(share: Keyshare, participantId: number): OwnPart {
  const secret = secretPackage(share, participantId)
  const { nonces, commitments } = ed25519_FROST.commit(secret)
  const { hiding, binding } = commitments
  return {
    secret,
    nonces,
    commitment: { participant_id: participantId, hiding: bytesToHex(hiding), binding: bytesToHex(binding) },
  }
}

function ownShare(key: SigningKey, own: OwnPart, commitments: SignerCommitment[], message: Uint8Array): Uint8Array {
  const group = publicPackage(key.key, [], key.participation.participants.length)
  return ed25519_FROST.signShare(own.secret, group, own.nonces, frostCommitments(commitments), message)
}

/** Adds up the shares; if the result is no signature, every share is checked alone and the wrong ones are named. */
function aggregate(
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
    if (isPlainSignature(signature, message, publicKey)) {
      return { signature, publicKey, signers: ids.map((id) => accountOf(key, id)).toSorted() }
    }
  } catch (error) {
    const wrong = ids.filter((id) => !isGenuine(group, list, message, id, parts.get(id)))
    if (wrong.length === 0)
      throw new HoldfastError('SIGNING_FAILED', `cannot sign: ${errorMessage(error)}; try again`, { cause: error })
    if (wrong.includes(key.participation.self.participantId)) throw ownShareWrong(key)
    const why = 'its signature share does not fit its public share: its stored key share is wrong, or it cheats'
    return { failed: new Map(wrong.map((id) => [id, { account: accountOf(key, id), why }])) }
  }
  throw new HoldfastError(
    'SIGNING_FAILED',
    `cannot sign with domain ${key.key.domain_id}: the result does not verify under the contract's key`,
  )
}

function isGenuine(
  group: ReturnType<typeof publicPackage>,
  list: ReturnType<typeof frostCommitments>,
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

/** Verified by another implementation than the one that signed. */
function isPlainSignature(signature: Uint8Array, message: Uint8Array, publicKey: string): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), parseEd25519Key(publicKey)])
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature)
}

function tooFew(key: SigningKey, usable: number, up: Set<number>, failed: Map<number, Failure>): HoldfastError {
  const { active, recovering } = key.participation
  const missing = active
    .filter(({ participantId }) => !up.has(participantId) && !failed.has(participantId))
    .map(({ accountId }) => `${accountId} (not connected)`)
  const failures = [...failed.values()].map(({ account, why }) => `${account} (${why})`)
  const own = key.share === undefined ? [`${key.participation.self.accountId} (holds no share)`] : []
  const absent = [...own, ...missing, ...recovering.map((account) => `${account} (recovering)`), ...failures].join(', ')
  return new HoldfastError(
    'TOO_FEW_SIGNERS',
    `cannot sign with domain ${key.key.domain_id}: ${usable + (key.share === undefined ? 0 : 1)} of the ${key.threshold} signers needed are there; missing: ${absent}; bring them back or wait for their recovery`,
  )
}

function ownShareWrong(key: SigningKey): HoldfastError {
  return new HoldfastError(
    'SHARES_DAMAGED',
    `cannot sign with domain ${key.key.domain_id}: this node's own key share does not fit its public share; set up the node in a new home and let it recover`,
  )
}

function accountOf({ participation }: SigningKey, id: number): string {
  return participation.participants.find(({ participantId }) => participantId === id)?.accountId ?? `participant ${id}`
}

function shuffled(ids: number[]): number[] {
  return ids
    .map((id) => ({ id, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id)
}
