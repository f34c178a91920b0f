import type { Json } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { OwnFacts } from '../phases/facts.ts'
import { waitsFor } from '../phases/describe-phase.ts'
import type { Participation } from '../phases/phase.ts'
import type { CosignPolicy } from '../cosigning/cosign-config.ts'
import type { WatchedPolicy } from '../cosigning/declined-lately.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { KeepShares } from '../ports.ts'
import type { RepairDriver } from '../repair/repair-driver.ts'
import type { Situation } from './situation.ts'

type Parts = {
  own: OwnFacts
  situation: Situation
  mesh: Pick<Mesh, 'connected' | 'leftOut' | 'traffic'>
  shares: KeepShares
  repair: RepairDriver
  cosign: CosignPolicy
  policy: WatchedPolicy
}

/** The answer of `GET /v1/status`. Holds nothing secret. */
export function nodeStatusJson({ own, situation, mesh, shares, repair, cosign, policy }: Parts): Json {
  const newest = situation.newest()
  const phase = newest?.phase
  return {
    account_id: own.accountId,
    tls_public_key: own.tlsKey,
    signer_public_key: own.signerKey,
    url: own.url,
    phase: phase?.kind ?? 'starting',
    waiting_for: phase === undefined ? 'a first view of the contract' : (waitsFor(phase) ?? null),
    view:
      newest === undefined
        ? null
        : {
            height: newest.view.block.height,
            hash: newest.view.block.hash,
            age_ms: Date.now() - newest.view.block.timestampMs,
          },
    mesh_bytes: { ...mesh.traffic() },
    cosign: cosign.kind,
    declined_lately: policy.declinedLately(),
    ...(phase?.kind === 'awaitingShares' && {
      claim: phase.claim,
      shares_from: repair.way()?.kind ?? null,
    }),
    ...(phase?.kind === 'participating' && participationJson(phase, mesh, shares)),
  }
}

function participationJson(
  participation: Participation,
  mesh: Parts['mesh'],
  shares: KeepShares,
): Record<string, Json> {
  const { self, participants, recovering, keyset, participantsRevision, successor } = participation
  const leftOut = mesh.leftOut()
  const connected = new Set(mesh.connected().map(({ accountId }) => accountId))
  return {
    participant_id: self.participantId,
    participants_revision: participantsRevision,
    successor: successor === undefined ? null : { ...successor },
    epoch_id: keyset.epoch_id,
    domains: keyset.domains.map((key) => ({
      domain_id: key.domain_id,
      public_key: publicKeyText(key.key),
      attempt: key.attempt,
      share_held: shares.held(keyset.epoch_id, key) !== undefined,
    })),
    peers: participants
      .filter(({ accountId }) => accountId !== self.accountId)
      .map(({ accountId, participantId, info }) => ({
        account_id: accountId,
        participant_id: participantId,
        incarnation: info.incarnation,
        connected: connected.has(accountId),
        left_out: leftOut.get(accountId) ?? null,
        recovering: recovering.includes(accountId),
      })),
  }
}
