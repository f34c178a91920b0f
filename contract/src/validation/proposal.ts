import type { Call } from '../call.ts'
import { own } from '../ledger.ts'
import { refuse } from '../refusal.ts'
import type { DomainConfig, Participant, ParticipantInfo, Participants, Proposal, Thresholds } from '../types.ts'
import { type Fields, fields, integer, present, show, text } from './arguments.ts'
import { checkThreshold } from './domains.ts'
import { checkIncarnation, participants, PARTICIPANTS_MAX } from './participants.ts'
import { checkGovernanceThreshold } from './threshold.ts'

/**
 * near/mpc's `{parameters: {participants, threshold}, per_domain_thresholds}`, checked against who takes part now: who
 * stays does so under the same id and with the same info, at least *threshold* stay, newcomers are what they say of
 * themselves as candidates and get the ids from `next_id` on. Incarnations that are left out are filled in, so that one
 * proposal has one text.
 * @throws Refusal INVALID_PARTICIPANTS, PARTICIPANT_INFO_MISMATCH, NOT_CANDIDATE, INVALID_THRESHOLD, INVALID_DOMAINS and the like
 */
export function readProposal(call: Call, value: unknown): Proposal {
  const { ledger } = call
  present(value, 'proposal')
  const given = fields(value, 'proposal', ['parameters', 'per_domain_thresholds'])
  present(given.parameters, 'proposal.parameters')
  const parameters = fields(given.parameters, 'proposal.parameters', ['participants', 'threshold'])
  const live = ledger.participants.read()
  const members = new Map(live.participants.map((member) => [member[0], member]))
  const path = 'proposal.parameters.participants'
  const known = (account: string) => members.get(account)?.[2] ?? candidateInfo(call, account)
  const proposed = participants(
    parameters.participants,
    path,
    (account, info, at) => checkInfo(account, info, at, known(account) ?? refuseStranger(account)),
    known,
  )
  checkIds(proposed, live.next_id, members, ledger.core.read().threshold)
  const threshold = integer(parameters.threshold, 'proposal.parameters.threshold', 0, PARTICIPANTS_MAX)
  checkGovernanceThreshold(threshold, proposed.participants.length)
  const { domains } = ledger.domains.read()
  const per_domain_thresholds = readThresholds(given.per_domain_thresholds, domains)
  for (const domain of withThresholds(domains, per_domain_thresholds)) {
    checkThreshold(domain, proposed.participants.length, threshold)
  }
  return { parameters: { participants: proposed, threshold }, per_domain_thresholds }
}

/** Domains with their new reconstruction thresholds, those not named with their present ones. */
export function withThresholds(domains: readonly DomainConfig[], thresholds: Thresholds): DomainConfig[] {
  return domains.map((domain) => ({ ...domain, reconstruction_threshold: thresholdOf(domain, thresholds) }))
}

/** A domain's reconstruction threshold in the epoch to come. */
export function thresholdOf(domain: DomainConfig, thresholds: Thresholds): number {
  return own(thresholds, String(domain.id)) ?? domain.reconstruction_threshold
}

function refuseStranger(account: string): never {
  refuse('NOT_CANDIDATE', `${account} neither takes part nor is a candidate; its node must submit_participant_info`)
}

function candidateInfo({ ledger }: Call, account: string): ParticipantInfo | undefined {
  const candidate = own(ledger.candidates.read(), account)
  if (candidate === undefined) return undefined
  const { url, tls_public_key } = candidate
  return { url, tls_public_key, incarnation: own(ledger.departed.read(), account) ?? 0 }
}

function checkInfo(account: string, given: Fields, path: string, known: ParticipantInfo): ParticipantInfo {
  const url = text(given.url, `${path}.url`)
  const key = text(given.tls_public_key, `${path}.tls_public_key`)
  if (url !== known.url || key !== known.tls_public_key) {
    refuse(
      'PARTICIPANT_INFO_MISMATCH',
      `${account} is known as ${known.url} with ${known.tls_public_key}, the proposal has ${show(url)} with ` +
        show(key),
    )
  }
  checkIncarnation(account, given, path, known.incarnation)
  return known
}

function checkIds(proposed: Participants, next: number, members: Map<string, Participant>, threshold: number): void {
  const joining: number[] = []
  for (const [account, id] of proposed.participants) {
    const member = members.get(account)
    if (member === undefined) joining.push(id)
    else if (member[1] !== id) {
      refuse('INVALID_PARTICIPANTS', `${account} has participant id ${member[1]} and keeps it, found ${id}`)
    }
  }
  const staying = proposed.participants.length - joining.length
  if (staying < threshold) {
    refuse('INVALID_PARTICIPANTS', `at least ${threshold} of the present participants must stay, found ${staying}`)
  }
  joining.sort((a, b) => a - b)
  joining.forEach((id, index) => {
    if (id !== next + index) {
      refuse('INVALID_PARTICIPANTS', `newcomers get the ids from ${next} on without a gap, found ${joining.join(', ')}`)
    }
  })
  if (proposed.next_id !== next + joining.length) {
    refuse('INVALID_PARTICIPANTS', `next_id must be ${next + joining.length}, found ${proposed.next_id}`)
  }
}

/** `{"<domain id>": t}`; it may be left out. The same thresholds are one text, whatever order they came in. */
function readThresholds(value: unknown, domains: readonly DomainConfig[]): Thresholds {
  const path = 'proposal.per_domain_thresholds'
  const ids = domains.map(({ id }) => String(id))
  const named = value === undefined || value === null ? {} : value
  if (typeof named === 'object') {
    const unknown = Object.keys(named).find((id) => !ids.includes(id))
    if (unknown !== undefined) refuse('INVALID_DOMAINS', `${path} names a domain that is not there: ${show(unknown)}`)
  }
  const given = fields(named, path, ids)
  const thresholds: Thresholds = {}
  for (const id of ids) {
    const found = own(given, id)
    if (found !== undefined) thresholds[id] = integer(found, `${path}.${id}`, 0, PARTICIPANTS_MAX)
  }
  return thresholds
}
