import { createHash } from 'node:crypto'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { Nonces } from '@noble/curves/abstract/frost.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { LIMITS } from '../limits.ts'
import type { Guest, HandleRequest } from '../mesh/guest.ts'
import { parseMessage } from '../mesh/messages.ts'
import { NOT_COUNTED } from '../monitoring/counts.ts'
import type { CountWork, JudgeMessage, KeepShares, KnowSituation, SigningRequest } from '../ports.ts'
import { publicPackage, secretPackage } from './group.ts'
import {
  commitRequest,
  DECLINED,
  shareRequest,
  SIGN_COMMIT,
  SIGN_SHARE,
  type CommitRequest,
  type KeyName,
  type ShareRequest,
} from './messages.ts'
import { frostCommitments } from './own-part.ts'
import { ownShareOf, signingKey, type SigningKey } from './signing-key.ts'

/** Nonces given out in round one, waiting for round two; they live and die with the peer's connection. */
type Commitment = { keyName: string; messageDigest: Buffer; nonces: Nonces; expiresAtMs: number }

type Parts = { situation: KnowSituation; shares: KeepShares; policy: JudgeMessage; count?: CountWork }

/**
 * The answering side of a signature (RFC 9591, 5). Any authenticated, active participant may ask; whether this node agrees
 * to the message is for its policy to say, before there are nonces that a refusal could spend. Nonces are kept per
 * connection, so that whatever ends the connection (a peer's recovery above all) also ends them; each is taken out of the
 * table before it is used and zeroed after, so that none can sign twice.
 */
export function cosigningHandlers({
  situation,
  shares,
  policy,
  count = NOT_COUNTED,
}: Parts): [string, HandleRequest][] {
  const byGuest = new WeakMap<Guest, Map<string, Commitment>>()
  return [
    [
      SIGN_COMMIT,
      counted((guest, body) => commit(guest, parseMessage(commitRequest, body, 'a request for a commitment'))),
    ],
    [
      SIGN_SHARE,
      counted((guest, body) => signShare(guest, parseMessage(shareRequest, body, 'a request for a signature share'))),
    ],
  ]

  function counted(answer: (guest: Guest, body: Json) => Promise<Json> | Json): HandleRequest {
    return async (guest, body) => {
      try {
        return await answer(guest, body)
      } catch (error) {
        count.signatureShare(isHoldfastError(error, DECLINED) ? 'declined' : 'refused')
        throw error
      }
    }
  }

  async function commit(guest: Guest, request: CommitRequest): Promise<Json> {
    const message = hexToBytes(request.message)
    await agree(exactKey(guest, request), guest, message)
    // While the policy was asked, the keyset may have changed and the connection ended.
    if (guest.signal.aborted) throw new HoldfastError('PEER_CLOSED', 'the connection has ended')
    const key = exactKey(guest, request)
    const open = commitmentsOf(guest)
    dropExpired(open)
    if (open.has(request.session))
      throw new HoldfastError('SESSION_REUSED', 'this session has its commitment already; use a new one')
    if (open.size >= LIMITS.noncesPerConnection) {
      throw new HoldfastError(
        'TOO_MANY_SESSIONS',
        `more than ${LIMITS.noncesPerConnection} signatures at a time; ask again later`,
      )
    }
    const { nonces, commitments } = ed25519_FROST.commit(
      secretPackage(ownShareOf(key), key.participation.self.participantId),
    )
    open.set(request.session, {
      keyName: nameOf(request),
      messageDigest: digestOf(message),
      nonces,
      expiresAtMs: Date.now() + LIMITS.nonceLifeMs,
    })
    return { hiding: bytesToHex(commitments.hiding), binding: bytesToHex(commitments.binding) }
  }

  /** @throws HoldfastError `DECLINED` */
  async function agree(key: SigningKey, guest: Guest, message: Uint8Array): Promise<void> {
    const verdict = await policy.judge(questionOf(key, guest, message), guest.signal)
    if (verdict.kind === 'declined') throw new HoldfastError(DECLINED, verdict.why)
  }

  function signShare(guest: Guest, request: ShareRequest): Json {
    const open = commitmentsOf(guest)
    const commitment = open.get(request.session)
    open.delete(request.session)
    if (commitment === undefined) {
      throw new HoldfastError(
        'UNKNOWN_SESSION',
        'no commitment was given for this session, or it was used or has expired; start again',
      )
    }
    try {
      const key = exactKey(guest, request)
      if (commitment.keyName !== nameOf(request))
        throw new HoldfastError('OTHER_KEY', 'the commitment was given for another key')
      if (!digestOf(hexToBytes(request.message)).equals(commitment.messageDigest))
        throw new HoldfastError('OTHER_MESSAGE', 'the commitment was given for another message')
      if (commitment.expiresAtMs < Date.now())
        throw new HoldfastError('UNKNOWN_SESSION', 'the commitment has expired; start again')
      // The word may have been taken back, or be over, since the nonces were made.
      if (policy.isTakenBack?.(questionOf(key, guest, hexToBytes(request.message))) === true)
        throw new HoldfastError(DECLINED, 'its operator has taken its consent back, or that is over')
      const share = shareOf(key, commitment.nonces, request)
      count.signatureShare('given')
      return { share: bytesToHex(share) }
    } finally {
      wipe(commitment)
    }
  }

  /** The live key that a peer names; a superseded epoch or attempt is refused, and who is only about to join. */
  function exactKey({ peer }: Guest, request: KeyName): SigningKey {
    const key = signingKey(situation, shares, request.domain_id)
    if (!key.participation.active.some(({ participantId }) => participantId === peer.participantId)) {
      throw new HoldfastError('NOT_PARTICIPANT', `${peer.accountId} takes no part in the live epoch ${key.epochId}`)
    }
    if (key.epochId === request.epoch_id && key.key.attempt === request.attempt_id) return key
    throw new HoldfastError(
      'OTHER_KEYSET',
      `asked for epoch ${request.epoch_id}, attempt ${request.attempt_id} of domain ${request.domain_id}; live are epoch ${key.epochId}, attempt ${key.key.attempt}`,
    )
  }

  function commitmentsOf(guest: Guest): Map<string, Commitment> {
    const known = byGuest.get(guest)
    if (known !== undefined) return known
    const open = new Map<string, Commitment>()
    byGuest.set(guest, open)
    guest.signal.addEventListener('abort', () => {
      for (const commitment of open.values()) wipe(commitment)
      open.clear()
    })
    return open
  }
}

function shareOf(signing: SigningKey, nonces: Nonces, request: ShareRequest): Uint8Array {
  const { key, participation } = signing
  const share = ownShareOf(signing)
  const { self, participants, active } = participation
  const ids = request.commitments.map(({ participant_id }) => participant_id)
  const allowed = new Set([self, ...active].map(({ participantId }) => participantId))
  if (new Set(ids).size !== ids.length || ids.some((id) => !allowed.has(id))) {
    throw new HoldfastError('WRONG_SIGNERS', `the signers ${ids.join(', ')} are not distinct active participants`)
  }
  try {
    return ed25519_FROST.signShare(
      secretPackage(share, self.participantId),
      publicPackage(key, [], participants.length),
      nonces,
      frostCommitments(request.commitments),
      hexToBytes(request.message),
    )
  } catch (error) {
    throw new HoldfastError('WRONG_COMMITMENTS', 'the commitments of this signature cannot be used; start again', {
      cause: error,
    })
  }
}

function questionOf({ key }: SigningKey, { peer }: Guest, message: Uint8Array): SigningRequest {
  return { coordinator: peer.accountId, domainId: key.domain_id, key: publicKeyText(key.key), message }
}

function digestOf(message: Uint8Array): Buffer {
  return createHash('sha256').update(message).digest()
}

function nameOf({ epoch_id, domain_id, attempt_id }: KeyName): string {
  return `${epoch_id} ${domain_id} ${attempt_id}`
}

function dropExpired(open: Map<string, Commitment>): void {
  for (const [session, commitment] of open) {
    if (commitment.expiresAtMs >= Date.now()) return
    wipe(commitment)
    open.delete(session)
  }
}

function wipe({ nonces }: Commitment): void {
  nonces.hiding.fill(0)
  nonces.binding.fill(0)
}
