import { concludedKeys } from '@holdfast/protocol/concluded-keyset.ts'
import type { NodeAuthorization, ProtocolState, RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import { liveRunningState, participantOf, participantsOf, type Participant } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { keyEventWork } from '../key-events/key-event-work.ts'
import type { Participation, Phase } from './phase.ts'

/** The node's own side of the decision. */
export type OwnFacts = {
  accountId: string
  url: string
  tlsKey: Ed25519KeyText
  signerKey: Ed25519KeyText
  /** True once this node took part under this TLS key: from then on, losing the account's place means being replaced. */
  tookPart: boolean
  /** The incarnation that the recovery makes which this node was about to conclude; the call may have gone through unseen. */
  concludesAs: bigint | undefined
}

/** A node's record among the contract's candidates. */
export type Candidate = { url: string; tlsKey: string; signerKey: string }

/** What the contract says, at one final block; `neededFact` says when the last two matter. */
export type ContractFacts = {
  state: ProtocolState
  nowNs: bigint
  authorization: NodeAuthorization
  candidate: Candidate | undefined
}

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
      return awaitingShares(own, record, state, activeOthers(state, self, recoveries))
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
  if (isCurrent) return { kind: 'participating', ...participation(state, self, recoveries) }
  if (tookPart) return { kind: 'superseded', why: 'tls-key-replaced', found: self.info.tls_public_key }
  return beforeRecovery(own, contract, self.info.tls_public_key)
}

/**
 * The recoveries in force by account. An expired record can neither conclude nor confirm (protocol.md 2.7), so it
 * counts as gone, though it stays in the state until the next change call sweeps it.
 */
export function liveRecoveries(state: ProtocolState, nowNs: bigint): Map<string, RecoveryRecord> {
  if (state.kind !== 'Recovery') return new Map()
  return new Map(Object.entries(state.state.recovering).filter(([, record]) => nowNs < record.expires_at))
}

/** Which further view `decidePhase` needs beside the state; each costs a request. */
export function neededFact(own: OwnFacts, state: ProtocolState, nowNs: bigint): 'none' | 'candidate' | 'authorization' {
  if (state.kind === 'NotInitialized') return 'none'
  const self = participantOf(state, own.accountId)
  if (self === undefined) return joining(own, state) === undefined ? 'candidate' : 'none'
  const recoversAs = liveRecoveries(state, nowNs).get(own.accountId)?.destination_node_info.tls_public_key
  return self.info.tls_public_key === own.tlsKey || recoversAs === own.tlsKey ? 'none' : 'authorization'
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

function awaitingShares(own: OwnFacts, record: RecoveryRecord, state: ProtocolState, helpers: Participant[]): Phase {
  if (record.signer_account_pk === own.signerKey)
    return { kind: 'awaitingShares', record, keyset: concludedKeys(state), helpers }
  return {
    kind: 'authorizedKeysDiffer',
    problem:
      `the recovery of ${own.accountId} names this node's TLS key but the signer key ${record.signer_account_pk}, this ` +
      `node's is ${own.signerKey}; the operator calls cancel_recovery and authorises this node's two keys`,
  }
}

function otherRecovery(own: OwnFacts, record: RecoveryRecord): Phase {
  return {
    kind: 'waitingForOtherRecovery',
    problem:
      `the account ${own.accountId} is recovering as the node with TLS key ${record.destination_node_info.tls_public_key}, ` +
      `this node's is ${own.tlsKey}; if that node is lost, the operator calls cancel_recovery and authorises this one`,
  }
}

/** The account takes part under another TLS key, and this node never did: may it ask to replace that node? */
function beforeRecovery(own: OwnFacts, { state, nowNs, authorization }: ContractFacts, currentTlsKey: string): Phase {
  const wanted = `holdfast authorise --tls-key ${own.tlsKey} --signer-key ${own.signerKey}`
  // One that the present node never used says nothing about the node that is to come.
  if (authorization === null || authorization.tls_public_key === currentTlsKey) {
    return {
      kind: 'waitingForAuthorization',
      missing:
        `the account ${own.accountId} has not authorised this node to replace the one with TLS key ${currentTlsKey}; ` +
        `the operator runs: ${wanted}`,
    }
  }
  if (authorization.tls_public_key !== own.tlsKey || authorization.signer_account_pk !== own.signerKey) {
    return {
      kind: 'authorizedKeysDiffer',
      problem:
        `the account ${own.accountId} has authorised tls_public_key ${authorization.tls_public_key} and signer_account_pk ` +
        `${authorization.signer_account_pk}, but this node has ${own.tlsKey} and ${own.signerKey}; the operator runs: ${wanted}`,
    }
  }
  if (authorization.expires_at <= nowNs) {
    return {
      kind: 'waitingForAuthorization',
      missing:
        `the authorisation of this node expired at ${new Date(Number(authorization.expires_at / 1_000_000n)).toISOString()}; ` +
        `the operator runs again: ${wanted}`,
    }
  }
  if (state.kind === 'Initializing' || state.kind === 'Resharing')
    return { kind: 'waitingForRunning', state: state.kind }
  return { kind: 'requestRecovery' }
}

function participation(
  state: ProtocolState,
  self: Participation['self'],
  recoveries: Map<string, RecoveryRecord>,
): Participation {
  const participants = participantsOf(state)
  const running = liveRunningState(state)
  return {
    self,
    participants,
    active: activeOthers(state, self, recoveries),
    recovering: [...recoveries.keys()],
    recoveringNodes: participants.flatMap((participant) => recoveringNode(participant, recoveries)),
    keyset: concludedKeys(state),
    domains: state.kind === 'Initializing' ? state.state.domains.domains : (running?.domains.domains ?? []),
    work: workOf(state, self),
    participantsRevision: running?.participants_revision ?? 0n,
  }
}

function activeOthers(state: ProtocolState, self: Participant, recoveries: Map<string, RecoveryRecord>): Participant[] {
  return participantsOf(state).filter((p) => p.accountId !== self.accountId && !recoveries.has(p.accountId))
}

/** The node that a recovering participant's account is about to have: its next incarnation. */
function recoveringNode(participant: Participant, recoveries: Map<string, RecoveryRecord>): Participant[] {
  const destination = recoveries.get(participant.accountId)?.destination_node_info
  if (destination === undefined) return []
  return [{ ...participant, info: { ...destination, incarnation: participant.info.incarnation + 1n } }]
}

/** Who leaves in a resharing has no part in it. */
function workOf(state: ProtocolState, { participantId }: Participation['self']): Participation['work'] {
  const work = keyEventWork(state)
  return work?.participants.some((participant) => participant.participantId === participantId) ? work : undefined
}
