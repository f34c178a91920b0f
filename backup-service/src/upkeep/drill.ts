import { randomBytes } from 'node:crypto'
import { CURVE_FACTS, scalarFromBytes, type CurvePoint } from '@holdfast/protocol/curves.ts'
import type { KeyForDomain } from '@holdfast/protocol/contract-state.ts'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { provesPossession, type PossessionProof } from '@holdfast/protocol/possession-proof.ts'
import { publicShare } from '@holdfast/protocol/public-share.ts'
import { liveShares } from '../live-shares.ts'
import type { ConfirmDelivery, DeliverShares, FetchShares } from '../ports.ts'
import type { Repository } from '../repository/repository.ts'
import type { Owner, Snapshot } from '../repository/snapshot.ts'
import { restore } from '../restore.ts'
import type { Drill } from './checks.ts'
import type { Live } from './live.ts'
import type { DrillNode, StartDrillNode } from './ports.ts'

export type DrillOptions = {
  owner: Owner
  live: Live
  /** The one that a restore would take. */
  snapshot: Snapshot
  repository: Pick<Repository, 'load'>
  node: FetchShares & DeliverShares
  drillNode: StartDrillNode
  onStep: (step: 'starting' | 'restoring' | 'proving') => void
  signal: AbortSignal
}

const CHALLENGE_BYTES = 32

/**
 * Restores the live keyset's shares with the very code of a recovery, to a throwaway node that takes them as a recovering one
 * does, and has that node prove from its own disk that it holds them. That it could not be done is an outcome and not an error:
 * it is what a drill is for.
 * @throws the signal's reason
 */
export async function drill(options: DrillOptions): Promise<Drill> {
  const { live, snapshot, drillNode, onStep, signal } = options
  const started = Date.now()
  const outcome = (provedGenuine: boolean | null, failure: Drill['failure']): Drill => ({
    at: new Date(started).toISOString(),
    seconds: (Date.now() - started) / 1000,
    epoch_id: live.keyset.epoch_id,
    keyset_digest: keysetDigest(live.keyset),
    file: snapshot.data.file,
    ciphertext_sha256: snapshot.ciphertextSha256,
    shares: live.keyset.domains.length,
    proved_genuine: provedGenuine,
    failure,
  })
  try {
    onStep('starting')
    const node = await drillNode.start(live, signal)
    try {
      return outcome(await recover(node, options), null)
    } finally {
      await node.end()
    }
  } catch (error) {
    signal.throwIfAborted()
    return outcome(null, { code: isHoldfastError(error) ? error.code : 'FAILURE', message: errorMessage(error) })
  }
}

/** @returns whether the shares were proved genuine; else what was shown is that they can be restored, and no more */
async function recover(
  node: DrillNode,
  { live, snapshot, owner, repository, onStep, ...parts }: DrillOptions,
): Promise<boolean> {
  const { keyset, participantId } = live
  onStep('restoring')
  const { provedGenuine } = await restore(
    { keyset, participantId, destination: node.address, snapshot, finish: { kind: 'none' } },
    { node: parts.node, contract: NO_CONTRACT, repository },
    () => undefined,
    parts.signal,
  )
  onStep('proving')
  // Made only now: nobody could have prepared an answer before the shares were there.
  const challenge = randomBytes(CHALLENGE_BYTES).toString('hex')
  const proofs = await node.possession({ challenge, ...owner })
  const points = await publicShares(live, repository, snapshot)
  for (const [place, domain] of keyset.domains.entries()) {
    const statement = {
      challenge,
      ...owner,
      participantId,
      epochId: keyset.epoch_id,
      domainId: domain.domain_id,
      attemptId: domain.attempt,
      curve: groupKey(domain.key).curve,
    }
    const proof: PossessionProof | undefined = proofs[place]
    const point = points[place]
    if (proof !== undefined && point !== undefined && provesPossession(statement, point, proof)) continue
    throw new HoldfastError(
      'DRILL_NOT_PROVED',
      `the drill's node took the shares and could not prove that it holds the one of domain ${domain.domain_id}`,
    )
  }
  return provedGenuine
}

/** Each share's public half: from the contract's commitments, and where it has none, from the share that was sent. */
async function publicShares(
  { keyset, participantId }: Live,
  repository: Pick<Repository, 'load'>,
  snapshot: Snapshot,
): Promise<CurvePoint[]> {
  const sent = keyset.domains.every(hasCommitments)
    ? []
    : (await liveShares(repository, snapshot, keyset, participantId)).keyshares
  try {
    return keyset.domains.map((domain) => {
      const facts = CURVE_FACTS[groupKey(domain.key).curve]
      if (hasCommitments(domain)) return publicShare(domain, domain.commitments, participantId, facts)
      return facts.multiplyBase(secretOf(sent, domain))
    })
  } finally {
    for (const { privateShare } of sent) privateShare.fill(0)
  }
}

function secretOf(shares: readonly Keyshare[], domain: KeyForDomain): bigint {
  const share = shares.find(({ domainId }) => domainId === domain.domain_id)
  if (share === undefined) throw new TypeError(`no share of domain ${domain.domain_id}`)
  return scalarFromBytes(share.privateShare, CURVE_FACTS[share.curve].endianness)
}

function hasCommitments(domain: KeyForDomain): domain is KeyForDomain & { commitments: string[] } {
  return domain.commitments !== null
}

/** A drill tells the contract nothing about deliveries. */
const NO_CONTRACT: ConfirmDelivery = {
  async confirmDelivery() {
    throw new TypeError('a drill confirms nothing')
  },
}
