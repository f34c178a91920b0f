import type { ProtocolState } from '@holdfast/protocol/contract-state.ts'
import { liveRecoveries, participantOf } from '@holdfast/protocol/live-state.ts'
import { keyEventWork } from '../key-events/key-event-work.ts'
import type { Candidate, ContractFacts, OwnFacts } from './facts.ts'
import { activeOthers, participation } from './participation.ts'
import type { Phase } from './phase.ts'
import { beforeRecovery, movingHere, otherRecovery, recoveringNow } from './taking-over.ts'

/** The phase that follows from one view (protocol.md 4). Pure; the same facts give the same phase. */
export function decidePhase(own: OwnFacts, contract: ContractFacts): Phase {
  const { state, nowNs } = contract
  if (state.kind === 'NotInitialized') return { kind: 'waitingForContract' }
  const self = participantOf(state, own.accountId)
  if (self === undefined)
    return (
      joining(own, state) ??
      (isCandidate(own, contract.candidate) ? { kind: 'awaitingResharing' } : { kind: 'submitCandidate' })
    )

  const recoveries = liveRecoveries(state, nowNs)
  const record = recoveries.get(own.accountId)
  const tookPart = own.tookPart || (own.concludesAs !== undefined && self.info.incarnation >= own.concludesAs)
  const isCurrent = self.info.tls_public_key === own.tlsKey
  if (record !== undefined) {
    if (record.destination_node_info.tls_public_key === own.tlsKey) {
      return recoveringNow(own, record, contract, activeOthers(state, self, recoveries))
    }
    if (isCurrent || tookPart) {
      return {
        kind: 'superseded',
        why: 'account-recovers-as-another-node',
        found: record.destination_node_info.tls_public_key,
      }
    }
    return otherRecovery(own, record)
  }
  if (isCurrent) return { kind: 'participating', ...participation(contract, self, recoveries) }
  // Named by the full-access key, a node that was replaced before may come back.
  if (contract.migration?.destination_node_info.tls_public_key === own.tlsKey) {
    return movingHere(own, contract.migration, self, { ...contract, isAnybodyRecovering: recoveries.size > 0 })
  }
  if (tookPart) return { kind: 'superseded', why: 'tls-key-replaced', found: self.info.tls_public_key }
  return beforeRecovery(own, contract, self.info.tls_public_key)
}

/** Which further view `decidePhase` needs beside the state; each costs a request. */
export function neededFact(
  own: OwnFacts,
  { state, nowNs, migration }: Pick<ContractFacts, 'state' | 'nowNs' | 'migration'>,
): 'none' | 'candidate' | 'authorization' {
  if (state.kind === 'NotInitialized') return 'none'
  const self = participantOf(state, own.accountId)
  if (self === undefined) return joining(own, state) === undefined ? 'candidate' : 'none'
  const recoversAs = liveRecoveries(state, nowNs).get(own.accountId)?.destination_node_info.tls_public_key
  const movesTo = migration?.destination_node_info.tls_public_key
  return [self.info.tls_public_key, recoversAs, movesTo].includes(own.tlsKey) ? 'none' : 'authorization'
}

/** A resharing to a set that has the account with this node's TLS key, which the previous one had not. */
function joining(own: OwnFacts, state: ProtocolState): Extract<Phase, { kind: 'joining' }> | undefined {
  const work = keyEventWork(state)
  const self = work?.participants.find(({ accountId }) => accountId === own.accountId)
  if (work === undefined || self?.info.tls_public_key !== own.tlsKey) return undefined
  return { kind: 'joining', self, work }
}

function isCandidate(own: OwnFacts, candidate: Candidate | undefined): boolean {
  return (
    candidate !== undefined &&
    candidate.url === own.url &&
    candidate.tlsKey === own.tlsKey &&
    candidate.signerKey === own.signerKey
  )
}
