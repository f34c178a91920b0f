import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { LIMITS } from '../limits.ts'
import type { HandleRequest } from '../mesh/guest.ts'
import { parseMessage } from '../mesh/messages.ts'
import type { Peer } from '../mesh/peer.ts'
import type { AskPeer, KeepShares, KnowSituation } from '../ports.ts'
import { ownShareOf, signingKey, type SigningKey } from '../signing/signing-key.ts'
import { pieceResponse, REPAIR_PIECE, REPAIR_SUM, repairRequest, type RepairRequest } from './messages.ts'
import { addScalars, split, splitFault, sumFault, type Split } from './splitting.ts'

type Parts = { situation: KnowSituation; shares: KeepShares; mesh: () => AskPeer }
/** A request that this node may help with. */
type Help = { request: RepairRequest; key: SigningKey; commitments: string[]; self: number }

/**
 * The helping side of a repair (splitting.ts). Pieces go to the other helpers, sums to the node that recovers, and each
 * only while the contract's fresh final view says so: the account is in `recovering` with exactly that node.
 */
export function repairHandlers({ situation, shares, mesh }: Parts): [string, HandleRequest][] {
  const splits = new Map<string, { split: Split; untilMs: number }>()
  return [
    [
      REPAIR_PIECE,
      (guest, body): Json => {
        const help = helpFor(parseMessage(repairRequest, body, 'a request for a piece of a repair'))
        const { active, recoveringNodes } = help.key.participation
        if (!recoveringNodes.some(({ participantId }) => participantId === help.request.lost)) {
          throw new HoldfastError('NOT_RECOVERING', `participant ${help.request.lost} does not recover`)
        }
        const at = help.request.helpers.indexOf(guest.peer.participantId)
        if (at < 0 || !active.some(({ participantId }) => participantId === guest.peer.participantId)) {
          throw new HoldfastError('NOT_A_HELPER', `${guest.peer.accountId} does not help in this repair`)
        }
        const { pieces, points } = ownSplit(help)
        return { piece: bytesToHex(pieces[at] ?? new Uint8Array()), points }
      },
    ],
    [
      REPAIR_SUM,
      async (guest, body): Promise<Json> => {
        const help = helpFor(parseMessage(repairRequest, body, 'a request for a repair'))
        if (!isRecovering(help.key, guest.peer, help.request.lost)) {
          throw new HoldfastError(
            'NOT_RECOVERING',
            `${guest.peer.accountId} does not recover as participant ${help.request.lost}`,
          )
        }
        const own = ownSplit(help)
        const { helpers } = help.request
        const others = await Promise.all(
          helpers.filter((id) => id !== help.self).map((id) => fetchPiece(mesh(), help, id, guest.signal)),
        )
        const sum = addScalars([own.pieces[helpers.indexOf(help.self)] ?? new Uint8Array(), ...others])
        for (const piece of others) piece.fill(0)
        return { sum: bytesToHex(sum), points: own.points }
      },
    ],
  ]

  function helpFor(request: RepairRequest): Help {
    const key = signingKey(situation, shares, request.domain_id)
    const { self, active } = key.participation
    const { helpers } = request
    const { commitments } = key.key
    if (key.epochId !== request.epoch_id || key.key.attempt !== request.attempt_id || commitments === null) {
      throw new HoldfastError('OTHER_KEYSET', `domain ${request.domain_id} is live in another epoch or attempt`)
    }
    const able = new Set([self, ...active].map(({ participantId }) => participantId))
    const ascending = helpers.every((id, i) => i === 0 || id > (helpers[i - 1] ?? id))
    if (!ascending || helpers.length !== commitments.length || helpers.some((id) => !able.has(id))) {
      throw new HoldfastError(
        'WRONG_HELPERS',
        `the helpers ${helpers.join(', ')} are not ${commitments.length} distinct active participants, ascending`,
      )
    }
    if (!helpers.includes(self.participantId)) {
      throw new HoldfastError('WRONG_HELPERS', 'this node is not among the helpers')
    }
    return { request, key, commitments, self: self.participantId }
  }

  /** One split for one try, whoever asks first: pieces of two splits would not add up, and would say more than one does. */
  function ownSplit({ request, key, self }: Help): Split {
    const now = Date.now()
    for (const [name, { split, untilMs }] of splits) {
      if (untilMs >= now && splits.size <= LIMITS.repairsAtATime) break
      for (const piece of split.pieces) piece.fill(0)
      splits.delete(name)
    }
    const lostKey = key.participation.recoveringNodes.find(({ participantId }) => participantId === request.lost)
    const name = JSON.stringify([request, lostKey?.info], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    const known = splits.get(name)
    if (known !== undefined) return known.split
    const made = split(ownShareOf(key).privateShare, self, request)
    splits.set(name, { split: made, untilMs: now + LIMITS.repairMs })
    return made
  }
}

async function fetchPiece(mesh: AskPeer, help: Help, from: number, signal: AbortSignal): Promise<Uint8Array> {
  const { request, commitments, self } = help
  const options = { signal, timeoutMs: LIMITS.repairStepMs }
  const answer = await mesh.ask(from, REPAIR_PIECE, request, options)
  const { piece, points } = parseMessage(pieceResponse, answer, 'a piece of a repair')
  const bytes = hexToBytes(piece)
  const at = request.helpers.indexOf(self)
  const fault = splitFault(points, from, request, commitments) ?? sumFault(bytes, [points[at] ?? ''])
  if (fault === undefined) return bytes
  throw new HoldfastError('FALSE_PIECE', `participant ${from} gave ${fault}`)
}

/** Does the live record name this very peer as the participant's new node, and is nobody else meant? */
function isRecovering({ participation }: SigningKey, peer: Peer, lost: number): boolean {
  return participation.recoveringNodes.some(
    ({ participantId, info }) =>
      participantId === lost && peer.participantId === lost && info.tls_public_key === peer.tlsKey,
  )
}
