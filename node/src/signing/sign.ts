import { randomBytes } from 'node:crypto'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { LIMITS } from '../limits.ts'
import { parseMessage } from '../mesh/messages.ts'
import { NOT_COUNTED } from '../monitoring/counts.ts'
import type { AskPeer, CountWork, KeepShares, KnowSituation } from '../ports.ts'
import { aggregate, type Signature } from './aggregate.ts'
import { isGroupElement } from './group.ts'
import { createLimiter } from './limiter.ts'
import { commitResponse, shareResponse, SIGN_COMMIT, SIGN_SHARE, type SignerCommitment } from './messages.ts'
import { ownPart, ownShare } from './own-part.ts'
import { accountOf, chooseSigners, createRecentFailures, type Failure } from './signers.ts'
import { signingKey, type SigningKey } from './signing-key.ts'

export type SignMessage = (domainId: bigint, message: Uint8Array, signal: AbortSignal) => Promise<Signature>

type Parts = { situation: KnowSituation; shares: KeepShares; mesh: AskPeer; log: Logger; count?: CountWork }

/**
 * Signs with this node as the coordinator: it chooses t signers, itself among them if it holds a share, runs FROST's two rounds and checks
 * the signature as plain Ed25519 under the contract's key before it answers. A signer that fails or cheats is named,
 * logged, left out of the next try, which starts with new nonces, and asked last for a minute.
 */
export function createSigner({ situation, shares, mesh, log, count = NOT_COUNTED }: Parts): SignMessage {
  const limit = createLimiter(LIMITS.signaturesAtATime)
  const lately = createRecentFailures()
  return async (domainId, message, signal) => {
    if (message.length > LIMITS.messageBytes) {
      throw new HoldfastError(
        'MESSAGE_TOO_LONG',
        `cannot sign ${message.length} bytes: the limit is ${LIMITS.messageBytes}; sign a digest instead`,
      )
    }
    const startedMs = performance.now()
    try {
      const signature = await limit(() => sign(domainId, message, signal))
      count.signature('made', performance.now() - startedMs)
      return signature
    } catch (error) {
      count.signature('failed', performance.now() - startedMs)
      throw error
    }
  }

  async function sign(domainId: bigint, message: Uint8Array, signal: AbortSignal): Promise<Signature> {
    const failed = new Map<number, Failure>()
    for (;;) {
      signal.throwIfAborted()
      const key = signingKey(situation, shares, domainId)
      const others = chooseSigners(key, mesh.connected(), failed, lately)
      const result = await attempt(key, others, message, signal)
      if ('signature' in result) {
        others.forEach(lately.forget)
        return result
      }
      for (const [participantId, failure] of result.failed) {
        log.warn({ peer: failure.account, domain_id: domainId, reason: failure.why }, 'a signer failed and is left out')
        failed.set(participantId, failure)
        lately.note(participantId)
      }
    }
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
