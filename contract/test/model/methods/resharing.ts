import { createHash } from 'node:crypto'
import { stringifyJson, type Json } from '../../../../protocol/src/json.ts'
import { add, only, put } from '../immutable.ts'
import { isSoundSet, type ParametersJson } from '../init.ts'
import type { Domain, Key, Model, Participant, Proposal } from '../model.ts'
import { member, recovering, takesPart } from '../people.ts'
import { broken, nothing, type Change, type Event, type Method } from '../ruling.ts'
import { isGovernanceThreshold, isReconstructionThreshold } from '../thresholds.ts'
import { proposalJson } from '../views.ts'
import { keyEventFor, vote, type KeyEventId } from './key-events.ts'

export interface NewParameters {
  readonly prospective_epoch_id: bigint
  readonly proposal: {
    readonly parameters: ParametersJson
    /** By domain id. */
    readonly per_domain_thresholds?: Readonly<Record<string, bigint>>
  }
}

/** Running, Recovery -> Resharing, when every participant of the proposal has voted for it. */
export const voteNewParameters: Method<NewParameters> = (model, by, { prospective_epoch_id, proposal: given }) => {
  const { running, phase } = model
  const { parameters } = running
  const proposal = complete(model, given)
  const { participants, nextId, threshold } = proposal.parameters
  const epoch = nextEpoch(model)
  const staying = participants.filter(({ account }) => takesPart(model, account))
  const newcomers = participants.filter(({ account }) => !takesPart(model, account))
  const idsGoOn =
    newcomers.every(({ id }) => id >= parameters.nextId && id < parameters.nextId + newcomers.length) &&
    nextId === parameters.nextId + newcomers.length &&
    staying.every(({ account, id }) => member(parameters, account)?.id === id)
  const wrongIncarnation = given.parameters.participants.participants.some(([, , info], i) => {
    return info.incarnation !== undefined && info.incarnation !== participants[i]?.incarnation
  })
  const misnamed = participants.some(({ account, url, tls_public_key }) => {
    const known = member(parameters, account) ?? model.candidates.get(account)
    return known !== undefined && (known.url !== url || known.tls_public_key !== tls_public_key)
  })
  const domains = reshaped(running.domains, proposal)
  const sound =
    isGovernanceThreshold(threshold, participants.length, domains) &&
    domains.every((domain) => isReconstructionThreshold(domain, participants.length))
  const alike = [...running.proposals].filter(([, other]) => text(other) === text(proposal)).map(([account]) => account)
  const admitted = alike.filter((account) => takesPart(model, account)).length
  return {
    refused: broken(
      [phase.kind !== 'Running' && phase.kind !== 'Recovery', 'WRONG_STATE'],
      [prospective_epoch_id !== epoch, 'EPOCH_MISMATCH'],
      [!isSoundSet(participants, nextId) || !idsGoOn || wrongIncarnation, 'INVALID_PARTICIPANTS'],
      [BigInt(staying.length) < parameters.threshold, 'INVALID_PARTICIPANTS'],
      [misnamed, 'PARTICIPANT_INFO_MISMATCH'],
      [newcomers.some(({ account }) => !model.candidates.has(account)), 'NOT_CANDIDATE'],
      [
        [...proposal.perDomain.keys()].some((id) => running.domains.every((domain) => domain.id !== id)),
        'INVALID_DOMAINS',
      ],
      [!sound, 'INVALID_THRESHOLD'],
      [member(proposal.parameters, by.account) === undefined, 'NOT_PARTICIPANT'],
      [!takesPart(model, by.account) && BigInt(admitted) < parameters.threshold, 'VOTE_TOO_EARLY'],
    ),
    then() {
      if (alike.includes(by.account)) return nothing(model)
      const proposals = put(running.proposals, by.account, proposal)
      const digest = createHash('sha256').update(text(proposal)).digest('hex')
      const voted = { event: 'parameters_voted', data: { account_id: by.account, epoch_id: epoch, proposal: digest } }
      if (alike.length + 1 < participants.length)
        return { model: { ...model, running: { ...running, proposals } }, events: [voted] }
      const begun = begin(model, proposal, epoch)
      return { model: begun.model, events: [voted, ...begun.events] }
    },
  }
}

/** A burnt epoch is never used again. */
function nextEpoch({ running }: Model): bigint {
  return (running.burntEpoch ?? running.epoch) + 1n
}

/** The proposal with the incarnations that near/mpc's tools do not know. */
function complete(model: Model, { parameters, per_domain_thresholds = {} }: NewParameters['proposal']): Proposal {
  const participants = parameters.participants.participants.map(
    ([account, id, { url, tls_public_key }]): Participant => {
      const incarnation = member(model.running.parameters, account)?.incarnation ?? model.left.get(account) ?? 0n
      return { account, id, url, tls_public_key, incarnation }
    },
  )
  return {
    parameters: { participants, nextId: parameters.participants.next_id, threshold: parameters.threshold },
    perDomain: new Map(Object.entries(per_domain_thresholds).map(([id, t]) => [BigInt(id), t])),
  }
}

function reshaped(domains: readonly Domain[], { perDomain }: Proposal): Domain[] {
  return domains.map((domain) => {
    return { ...domain, reconstruction_threshold: perDomain.get(domain.id) ?? domain.reconstruction_threshold }
  })
}

function text(proposal: Proposal): string {
  return stringifyJson(proposalJson(proposal))
}

function names(participants: readonly Participant[]): string[] {
  return participants.map(({ account }) => account)
}

/** Whoever is in the first set and not in the second. */
function missing(these: Proposal['parameters'], from: Proposal['parameters']): string[] {
  return names(these.participants.filter(({ account }) => member(from, account) === undefined))
}

/** Without a key there is nothing to hand on. */
function begin(model: Model, proposal: Proposal, epoch: bigint): Change {
  const { running } = model
  const data = {
    epoch_id: epoch,
    threshold: proposal.parameters.threshold,
    joining: missing(proposal.parameters, running.parameters),
    leaving: missing(running.parameters, proposal.parameters),
    recoveries_dropped: recovering(model).size,
  }
  const begun = { ...model, running: { ...running, proposals: new Map(), burntEpoch: null } }
  const [first] = running.domains
  if (first === undefined) {
    const { model: done, events } = finish(begun, proposal, epoch, [])
    const left = { event: 'running_entered', data: { epoch_id: epoch, from: 'Recovery' } }
    return { model: done, events: model.phase.kind === 'Recovery' ? [...events, left] : events }
  }
  return {
    model: {
      ...begun,
      phase: {
        kind: 'Resharing',
        proposal,
        reshared: [],
        event: keyEventFor(epoch, first, proposal.parameters),
        cancelVotes: new Set(),
      },
    },
    events: [{ event: 'resharing_started', data }],
  }
}

/** The epoch begins: what belongs to those who left goes with them, save their cooldown; who came is no candidate any more. */
function finish(model: Model, proposal: Proposal, epoch: bigint, keys: readonly Key[]): Change {
  const { running } = model
  const { parameters } = proposal
  const joined = missing(parameters, running.parameters)
  const left = missing(running.parameters, parameters)
  const stays = (account: string) => !left.includes(account)
  const ids = parameters.participants.map(({ id }) => id)
  const incarnations = running.parameters.participants
    .filter(({ account }) => left.includes(account))
    .map(({ account, incarnation }) => [account, incarnation] as const)
  return {
    model: {
      ...model,
      running: {
        ...running,
        domains: reshaped(running.domains, proposal),
        epoch,
        keys,
        parameters,
        domainVotes: only(running.domainVotes, (id) => ids.includes(id)),
        burntEpoch: null,
        revision: running.revision + (joined.length + left.length > 0 ? 1n : 0n),
      },
      phase: { kind: 'Running' },
      candidates: only(model.candidates, (account) => !joined.includes(account)),
      authorizations: only(model.authorizations, stays),
      backupServices: only(model.backupServices, stays),
      receipts: only(model.receipts, stays),
      updateVotes: only(model.updateVotes, stays),
      migrations: only(model.migrations, stays),
      signers: only(model.signers, stays),
      left: new Map([...only(model.left, (account) => !joined.includes(account)), ...incarnations]),
    },
    events: [{ event: 'resharing_concluded', data: { epoch_id: epoch, joined, left } }],
  }
}

interface ReshareVote {
  readonly key_event_id: KeyEventId
  readonly commitments?: readonly string[] | null
}

/** Everybody of the epoch to come has a share of the same key: on to the next domain, and with the last one to Running. */
export const voteReshared: Method<ReshareVote> = (model, by, { key_event_id, commitments }) => {
  const phase = model.phase.kind === 'Resharing' ? model.phase : undefined
  const live = phase && model.running.keys[phase.reshared.length]
  const voted = { key: live?.key ?? '', commitments: commitments ?? null }
  return vote(model, by, key_event_id, phase, voted, reshared)
}

function reshared(model: Model, key: Key): Change {
  const { phase } = model
  if (phase.kind !== 'Resharing') return nothing(model)
  const { epoch, parameters } = phase.event
  const keys = [...phase.reshared, key]
  const told: Event = {
    event: 'domain_key_reshared',
    data: { epoch_id: epoch, domain_id: key.domain_id, attempt_id: key.attempt },
  }
  const next = model.running.domains[keys.length]
  if (next !== undefined) {
    const event = keyEventFor(epoch, next, parameters)
    return { model: { ...model, phase: { ...phase, reshared: keys, event } }, events: [told] }
  }
  const done = finish(model, phase.proposal, epoch, keys)
  const entered = { event: 'running_entered', data: { epoch_id: epoch, from: 'Resharing' } }
  return { model: done.model, events: [told, ...done.events, entered] }
}

/** Resharing -> the Running before it, when threshold of its participants want it. */
export const voteCancelResharing: Method<object> = (model, by) => ({
  refused: broken(
    [model.phase.kind !== 'Resharing', 'WRONG_STATE'],
    [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
  ),
  then() {
    const { phase, running } = model
    if (phase.kind !== 'Resharing' || phase.cancelVotes.has(by.account)) return nothing(model)
    const cancelVotes = add(phase.cancelVotes, by.account)
    const voted = { event: 'resharing_cancel_voted', data: { account_id: by.account } }
    if (BigInt(cancelVotes.size) < running.parameters.threshold) {
      return { model: { ...model, phase: { ...phase, cancelVotes } }, events: [voted] }
    }
    const burnt = phase.event.epoch
    const events: { event: string; data: Json }[] = [
      voted,
      { event: 'resharing_cancelled', data: { epoch_id: burnt } },
      { event: 'running_entered', data: { epoch_id: running.epoch, from: 'Resharing' } },
    ]
    return {
      model: {
        ...model,
        running: { ...running, burntEpoch: burnt },
        phase: { kind: 'Running' },
        // Who was to come and does not has no backup service here.
        backupServices: only(model.backupServices, (account) => takesPart(model, account)),
      },
      events,
    }
  },
})
