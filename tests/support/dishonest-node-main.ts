import { randomBytes } from 'node:crypto'
import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/curves/utils.js'
import { readNodeConfig } from '@holdfast/node/config/config.ts'
import type { NodeIdentity } from '@holdfast/node/identity/identity.ts'
import { createBroadcast } from '@holdfast/node/key-events/broadcast.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2 } from '@holdfast/node/keygen/messages.ts'
import type { HandleRequest, Handlers } from '@holdfast/node/mesh/guest.ts'
import { RESHARE_DEALT } from '@holdfast/node/resharing/messages.ts'
import { identifierOf } from '@holdfast/node/signing/group.ts'
import { SIGN_SHARE } from '@holdfast/node/signing/messages.ts'
import { RPC_ADAPTERS, runNodeService } from '@holdfast/node/wiring/node-service.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { createLogger } from '@holdfast/protocol/log.ts'

/**
 * A real node of one participant, with its keys, that cheats: `HOME PARTICIPANT_ID PARTICIPANTS THRESHOLD`. In key
 * generation the first attempts are spoiled in one way each, and the later ones are honest; in resharing and signing
 * it always cheats. What it signs, it signs with its own true key.
 */
const [home = '', ...numbers] = process.argv.slice(2)
const [self = 0, max = 0, min = 0] = numbers.map(Number)
const { contract_id } = await readNodeConfig(home)
const { Point } = ed25519

type Answer = Record<string, Json>
type Request = { epoch_id: number; domain_id: number; attempt_id: number }

function answers(own: Handlers, { tls }: NodeIdentity): Handlers {
  const broadcast = createBroadcast(contract_id, tls)
  const signed = (request: Request, parts: string[]): string => {
    const attempt = {
      epochId: BigInt(request.epoch_id),
      domainId: BigInt(request.domain_id),
      attemptId: BigInt(request.attempt_id),
    }
    return broadcast.signed(attempt, self, parts).signature
  }
  const others = new Map<number, ReturnType<typeof ed25519_FROST.DKG.round1>['public']>()
  /** A package of the same attempt that has nothing to do with the one it goes on with. */
  const otherPackage = (attempt: number) => {
    const made = others.get(attempt) ?? ed25519_FROST.DKG.round1(identifierOf(self), { min, max }).public
    others.set(attempt, made)
    return made
  }
  const lies: Record<string, (real: Answer, request: Request, guest: number) => Answer> = {
    [KEYGEN_ROUND1](real, request, guest) {
      const other = otherPackage(request.attempt_id)
      const package_ = (commitment: string[], proof: string): Answer => ({
        commitment,
        proof_of_knowledge: proof,
        signature: signed(request, [...commitment, proof]),
      })
      const proof = bytesToHex(other.proofOfKnowledge)
      if (request.attempt_id === 0) return package_(real['commitment'] as string[], proof)
      if (request.attempt_id === 1 && guest === 0)
        return package_(
          other.commitment.map((point) => bytesToHex(point)),
          proof,
        )
      return real
    },
    [KEYGEN_ROUND2]: (real, request) =>
      request.attempt_id === 2 ? { signing_share: bytesToHex(Point.Fn.toBytes(7n)) } : real,
    // Another polynomial with the same secret: C_1 + r·G, and what that adds to the share.
    [RESHARE_DEALT](real, request, guest) {
      if (guest !== 0) return real
      const [first = '', second = '', ...rest] = real['commitments'] as string[]
      const r = Point.Fn.fromBytes(Point.Fn.toBytes(BigInt(`0x${randomBytes(16).toString('hex')}`)))
      const commitments = [first, Point.fromHex(second).add(Point.BASE.multiply(r)).toHex(), ...rest]
      const share = Point.Fn.add(
        Point.Fn.fromBytes(Buffer.from(String(real['share']), 'hex')),
        Point.Fn.mul(r, BigInt(guest + 1)),
      )
      return { commitments, share: bytesToHex(Point.Fn.toBytes(share)), signature: signed(request, commitments) }
    },
    [SIGN_SHARE]: () => ({ share: bytesToHex(Point.Fn.toBytes(7n)) }),
  }
  return new Map([...own].map(([type, handle]) => [type, lying(handle, lies[type])]))
}

function lying(
  handle: HandleRequest,
  lie: ((real: Answer, request: Request, guest: number) => Answer) | undefined,
): HandleRequest {
  if (lie === undefined) return handle
  return async (guest, body) => lie((await handle(guest, body)) as Answer, body as Request, guest.peer.participantId)
}

const ended = new AbortController()
process.once('SIGTERM', () => ended.abort())
await runNodeService(home, ended.signal, createLogger({ name: 'node' }), { ...RPC_ADAPTERS, answers })
process.exit(0)
