import { randomBytes } from 'node:crypto'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { LIMITS } from '../limits.ts'
import { parseMessage } from '../mesh/messages.ts'
import { NOT_COUNTED } from '../monitoring/counts.ts'
import { PeerRefusal } from '../mesh/peer-refusal.ts'
import type { AskPeer, CountWork, JudgeMessage, KeepShares, KnowSituation } from '../ports.ts'
import { aggregate, type Signature } from './aggregate.ts'
import { isGroupElement } from './group.ts'
import { createLimiter } from './limiter.ts'
import {
  commitResponse,
  DECLINED,
  OTHER_VIEW,
  shareResponse,
  SIGN_COMMIT,
  SIGN_SHARE,
  type SignerCommitment,
} from './messages.ts'
import { ownPart, ownShare, type OwnPart } from './own-part.ts'
import { accountOf, chooseSigners, createRecentFailures, type Failure } from './signers.ts'
import { signingKey, type SigningKey } from './signing-key.ts'

export type SignMessage = (domainId: bigint, message: Uint8Array, signal: AbortSignal) => Promise<Signature>

type Parts = {
  situation: KnowSituation
  shares: KeepShares
  mesh: AskPeer
  policy: JudgeMessage
  /** Told that this node's operator wants this signed, once it is known that the node can work on it, and before the policy is asked. */
  onWanted?: (domainId: bigint, message: Uint8Array) => void
  log: Logger
  count?: CountWork
}
type Failures = Map<number, Failure>

/**
 * Signs with this node as the coordinator: it chooses t signers, itself among them if it holds a share, runs FROST's two rounds and checks
 * the signature as plain Ed25519 under the contract's key before it answers. This node's own share is given as its policy
 * says, like any other's. A signer that declines is replaced before round two; one that fails or cheats is named, logged,
 * left out of the next try, which starts with new nonces, and asked last for a minute.
 */
export function createSigner({
  situation,
  shares,
  mesh,
  policy,
  onWanted,
  log,
  count = NOT_COUNTED,
}: Parts): SignMessage {
  const limit = createLimiter({ atATime: LIMITS.signaturesAtATime, waiting: LIMITS.signaturesWaiting })
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
      const signature = await limit(() => sign(domainId, message, signal), signal)
      count.signature('made', performance.now() - startedMs)
      return signature
    } catch (error) {
      const result = isHoldfastError(error, 'SIGNING_DECLINED') ? 'declined' : 'failed'
      count.signature(result, performance.now() - startedMs)
      throw error
    }
  }

  async function sign(domainId: bigint, message: Uint8Array, signal: AbortSignal): Promise<Signature> {
    const wanted = signingKey(situation, shares, domainId)
    onWanted?.(domainId, message)
    await agree(wanted, message, signal)
    const failed: Failures = new Map()
    for (;;) {
      signal.throwIfAborted()
      const key = signingKey(situation, shares, domainId)
      const signature = await attempt(key, message, failed, signal)
      if (signature !== undefined) return signature
    }
  }

  /** @throws HoldfastError `SIGNING_DECLINED` by this node's own policy, where its share is to be used */
  async function agree({ key, share, participation }: SigningKey, message: Uint8Array, signal: AbortSignal) {
    if (share === undefined) return
    const { accountId } = participation.self
    const request = { coordinator: accountId, domainId: key.domain_id, key: publicKeyText(key.key), message }
    const verdict = await policy.judge(request, signal)
    if (verdict.kind === 'agreed') return
    throw new HoldfastError(
      'SIGNING_DECLINED',
      `cannot sign with domain ${key.domain_id}: this node itself declines: ${verdict.why}; see "cosign" in its config.json`,
    )
  }

  /** One run of both rounds; undefined where somebody failed in the second, who is then in `failed`. */
  async function attempt(
    key: SigningKey,
    message: Uint8Array,
    failed: Failures,
    signal: AbortSignal,
  ): Promise<Signature | undefined> {
    const { self } = key.participation
    const own = key.share === undefined ? undefined : ownPart(key.share, self.participantId)
    try {
      const round = {
        session: randomBytes(16).toString('hex'),
        epoch_id: key.epochId,
        domain_id: key.key.domain_id,
        attempt_id: key.key.attempt,
        message: bytesToHex(message),
      }
      const others = await commitments(key, round, failed, signal)
      const list = own === undefined ? others : [own.commitment, ...others]
      const result = await signatureShares(key, { own, others, list, message }, round, signal)
      if ('signature' in result) {
        for (const { participant_id } of others) lately.forget(participant_id)
        return result
      }
      for (const [id, failure] of result.failed) note(key, id, failure, failed)
      return undefined
    } finally {
      own?.nonces.hiding.fill(0)
      own?.nonces.binding.fill(0)
    }
  }

  /**
   * Round one: the commitments of as many others as are needed. Who declines or fails is replaced, and what the others
   * have committed to stays in use.
   */
  async function commitments(
    key: SigningKey,
    round: { [field: string]: Json },
    failed: Failures,
    signal: AbortSignal,
  ): Promise<SignerCommitment[]> {
    const agreed = new Map<number, SignerCommitment>()
    for (;;) {
      signal.throwIfAborted()
      const chosen = chooseSigners(key, mesh.connected(), { agreed: new Set(agreed.keys()), failed }, lately)
      if (chosen.length === 0) return [...agreed.values()]
      const lost = await askAll(key, chosen, async (id) => {
        const answer = await askSigner(id, SIGN_COMMIT, round, signal)
        const commitment = parseMessage(commitResponse, answer, 'a commitment')
        if (!isGroupElement(commitment.hiding) || !isGroupElement(commitment.binding)) {
          throw new HoldfastError('INVALID_MESSAGE', 'its commitment is no pair of group elements')
        }
        agreed.set(id, { participant_id: id, ...commitment })
      })
      for (const [id, failure] of lost) note(key, id, failure, failed)
    }
  }

  /** Round two, and the signature if all is well. */
  async function signatureShares(
    key: SigningKey,
    part: { own: OwnPart | undefined; others: SignerCommitment[]; list: SignerCommitment[]; message: Uint8Array },
    round: { [field: string]: Json },
    signal: AbortSignal,
  ): Promise<Signature | { failed: Failures }> {
    const { own, others, list, message } = part
    const request: Json = { ...round, commitments: list }
    const parts = new Map<number, Uint8Array>()
    const makeOwn = async (): Promise<void> => {
      if (own !== undefined) parts.set(key.participation.self.participantId, ownShare(key, own, list, message))
    }
    const ids = others.map(({ participant_id }) => participant_id)
    const asked = askAll(key, ids, async (id) => {
      const answer = await askSigner(id, SIGN_SHARE, request, signal)
      parts.set(id, hexToBytes(parseMessage(shareResponse, answer, 'a signature share').share))
    })
    // Made while the others make theirs.
    const [failed] = await Promise.all([asked, makeOwn()])
    return failed.size > 0 ? { failed } : aggregate(key, list, message, parts)
  }

  function note(key: SigningKey, id: number, failure: Failure, failed: Failures): void {
    failed.set(id, failure)
    const fields = { peer: failure.account, domain_id: key.key.domain_id, reason: failure.why }
    switch (failure.kind) {
      case 'declined':
        return log.debug(fields, 'a signer declines')
      case 'otherView':
        return log.debug(fields, 'a signer sees another state of the contract')
      case 'failed':
        lately.note(id)
        return log.warn(fields, 'a signer failed and is left out')
      default:
        failure.kind satisfies never
        throw new TypeError('unknown failure')
    }
  }

  function askSigner(participantId: number, type: string, body: Json, signal: AbortSignal): Promise<Json> {
    return mesh.ask(participantId, type, body, { signal, timeoutMs: LIMITS.meshRequestMs })
  }
}

/** Asks all of them at a time; returns who failed or declined, by participant id. */
async function askAll(key: SigningKey, ids: number[], ask: (id: number) => Promise<void>): Promise<Failures> {
  const lost: Failures = new Map()
  await Promise.all(
    ids.map(async (id) => {
      try {
        await ask(id)
      } catch (error) {
        if (!isHoldfastError(error)) throw error
        lost.set(id, { account: accountOf(key, id), ...readFailure(error) })
      }
    }),
  )
  return lost
}

function readFailure(error: HoldfastError): Omit<Failure, 'account'> {
  if (!(error instanceof PeerRefusal)) return { kind: 'failed', why: error.message }
  if (error.refusal === DECLINED) return { kind: 'declined', why: error.sentence }
  return { kind: OTHER_VIEW.has(error.refusal) ? 'otherView' : 'failed', why: error.message }
}
