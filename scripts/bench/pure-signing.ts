import { randomBytes } from 'node:crypto'
import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'

/**
 * The cryptography of one FROST signature (RFC 9591) by `threshold` of `nodes` signers, all in this process and one after
 * the other: commitments, signature shares, the aggregation and its check. Milliseconds of each of `times` signatures.
 */
export function pureSigningMilliseconds(nodes: number, threshold: number, times: number): number[] {
  const { secretShares, public: group } = dealt(nodes, threshold)
  const signers = secretShares.slice(0, threshold)
  return Array.from({ length: times }, () => {
    const message = randomBytes(32)
    const started = performance.now()
    const commitments = signers.map((secret) => ed25519_FROST.commit(secret))
    const list = commitments.map(({ commitments: own }) => own)
    const shares = Object.fromEntries(
      signers.map((secret, i) => [
        secret.identifier,
        ed25519_FROST.signShare(secret, group, (commitments[i] as (typeof commitments)[0]).nonces, list, message),
      ]),
    )
    const signature = ed25519_FROST.aggregate(group, list, message, shares)
    if (!ed25519.verify(signature, message, group.commitments[0] as Uint8Array))
      throw new Error('the pure run is wrong')
    return performance.now() - started
  })
}

function dealt(nodes: number, threshold: number) {
  const { secretShares, public: group } = ed25519_FROST.trustedDealer({ min: threshold, max: nodes })
  return { secretShares: Object.values(secretShares), public: group }
}
