import { createHash, randomBytes } from 'node:crypto'
import { CURVE_FACTS, scalarFromBytes, type Curve, type CurveFacts, type CurvePoint } from './curves.ts'
import { stringifyJson } from './json.ts'

/**
 * Proofs that somebody holds a key share, which say nothing about the share: Schnorr's proof of knowledge of the discrete
 * logarithm of Y, made non-interactive with a hash (RFC 8235, sections 2.2 and 3.3; the pair (c, r) instead of (V, r), so
 * that no point has to be read). The hash covers the label, what the statement is about, the verifier's fresh challenge, Y and
 * the prover's V: a proof cannot be used for another share, drill or network, nor be made before the challenge was known.
 */
export type PossessionStatement = {
  /** 32 fresh random bytes of the verifier, hex. */
  challenge: string
  contractId: string
  accountId: string
  participantId: number
  epochId: bigint
  domainId: bigint
  attemptId: bigint
  curve: Curve
}

/** Two scalars in 64 hex digits each, big-endian. */
export type PossessionProof = { c: string; r: string }

const LABEL = 'holdfast/possession/1'
const NONCE_BYTES = 64
const SCALAR = /^[0-9a-f]{64}$/

/** Proves the possession of `privateShare`, the scalar in its curve's byte order, under Y = share·G. */
export function provePossession(statement: PossessionStatement, privateShare: Uint8Array): PossessionProof {
  const facts = CURVE_FACTS[statement.curve]
  const secret = scalarFromBytes(privateShare, facts.endianness)
  const nonce = freshNonce(statement, privateShare, facts)
  const c = challengeOf(statement, facts.multiplyBase(secret), facts.multiplyBase(nonce), facts)
  return { c: scalarText(c), r: scalarText(modulo(nonce - c * secret, facts.order)) }
}

/** Whether the proof shows, for exactly this statement, the logarithm of `publicShare`. Malformed proofs show nothing. */
export function provesPossession(
  statement: PossessionStatement,
  publicShare: CurvePoint,
  { c, r }: PossessionProof,
): boolean {
  const facts = CURVE_FACTS[statement.curve]
  // In a group with a cofactor, or with Y = 0, the equation would say less than that the logarithm is known.
  if (!SCALAR.test(c) || !SCALAR.test(r) || !facts.inPrimeOrderGroup(publicShare)) return false
  const [challenge, response] = [BigInt(`0x${c}`), BigInt(`0x${r}`)]
  if (challenge === 0n || challenge >= facts.order || response >= facts.order) return false
  const base = response === 0n ? facts.zero : facts.multiplyBase(response)
  const nonce = base.add(publicShare.multiplyUnsafe(challenge))
  return challengeOf(statement, publicShare, nonce, facts) === challenge
}

/** As wide as needed for no bias; it depends on the share too, so that a broken random source does not reveal it. */
function freshNonce(statement: PossessionStatement, privateShare: Uint8Array, { order }: CurveFacts): bigint {
  const hash = createHash('sha512')
    .update(`${LABEL}/nonce\n`)
    .update(randomBytes(NONCE_BYTES))
    .update(privateShare)
    .update(textOf(statement))
  const nonce = wide(hash.digest()) % order
  return nonce === 0n ? 1n : nonce
}

function challengeOf(
  statement: PossessionStatement,
  publicShare: CurvePoint,
  nonce: CurvePoint,
  facts: CurveFacts,
): bigint {
  const hash = createHash('sha512')
    .update(`${LABEL}\n${textOf(statement)}\n`)
    .update(facts.encode(publicShare))
    // The identity has no encoding on every curve; no honest V is it, and a forged one only has to be told apart.
    .update(nonce.is0() ? 'identity' : facts.encode(nonce))
  return wide(hash.digest()) % facts.order
}

/** One text for one statement: JSON of a fixed list. */
function textOf(statement: PossessionStatement): string {
  const { challenge, contractId, accountId, participantId, epochId, domainId, attemptId, curve } = statement
  return stringifyJson([challenge, contractId, accountId, participantId, epochId, domainId, attemptId, curve])
}

function wide(digest: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(digest).toString('hex')}`)
}

function modulo(value: bigint, order: bigint): bigint {
  const rest = value % order
  return rest < 0n ? rest + order : rest
}

function scalarText(scalar: bigint): string {
  return scalar.toString(16).padStart(64, '0')
}
