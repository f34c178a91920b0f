import { add, put } from '../immutable.ts'
import type { Domain, Protocol } from '../model.ts'
import { member, participant } from '../people.ts'
import { broken, nothing, type Method } from '../ruling.ts'
import { isGovernanceThreshold, isReconstructionThreshold } from '../thresholds.ts'
import { domainJson } from '../views.ts'
import { keyEventFor } from './key-events.ts'

const CURVES: Record<Protocol, string> = {
  CaitSith: 'Secp256k1',
  Frost: 'Edwards25519',
  ConfidentialKeyDerivation: 'Bls12381',
  DamgardEtAl: 'Secp256k1',
}
const PURPOSES: Record<Protocol, readonly string[]> = {
  CaitSith: ['Sign', 'ForeignTx'],
  Frost: ['Sign'],
  ConfidentialKeyDerivation: ['CKD'],
  DamgardEtAl: ['Sign'],
}

/** Older near/mpc clients name the curve too. */
export type ProposedDomain = Domain & { readonly curve?: string }

/** Running -> Initializing, when every participant has voted for the same list. */
export const voteAddDomains: Method<{ readonly domains: readonly ProposedDomain[] }> = (model, by, args) => {
  const { running } = model
  const self = participant(model, by.account)
  const n = running.parameters.participants.length
  const domains = args.domains.map(({ curve: _, ...domain }) => domain)
  const gap = domains.some(({ id }, index) => id !== running.nextDomainId + BigInt(index))
  const misfit = args.domains.some(({ protocol, purpose, curve = CURVES[protocol] }) => {
    return curve !== CURVES[protocol] || !PURPOSES[protocol].includes(purpose)
  })
  const threshold =
    domains.every((domain) => isReconstructionThreshold(domain, n)) &&
    isGovernanceThreshold(running.parameters.threshold, n, domains)
  return {
    refused: broken(
      [model.phase.kind !== 'Running', 'WRONG_STATE'],
      [self === undefined, 'NOT_PARTICIPANT'],
      [domains.length === 0 || gap || misfit, 'INVALID_DOMAINS'],
      [!threshold, 'INVALID_THRESHOLD'],
    ),
    then() {
      const [first] = domains
      if (self === undefined || first === undefined) return nothing(model)
      const before = running.domainVotes.get(self.id)
      const domainVotes = put(running.domainVotes, self.id, domains)
      const alike = [...domainVotes.values()].filter((list) => listText(list) === listText(domains))
      const voted = {
        event: 'add_domains_voted',
        data: { account_id: by.account, domains: domains.map(domainJson) },
      }
      const repeated = before !== undefined && listText(before) === listText(domains)
      if (alike.length < n) {
        return repeated
          ? nothing(model)
          : { model: { ...model, running: { ...running, domainVotes } }, events: [voted] }
      }
      const started = { event: 'keygen_started', data: { epoch_id: running.epoch, domains: domains.map(domainJson) } }
      return {
        model: {
          ...model,
          running: { ...running, domainVotes: new Map() },
          phase: {
            kind: 'Initializing',
            domains: [...running.domains, ...domains],
            nextDomainId: running.nextDomainId + BigInt(domains.length),
            generated: running.keys,
            event: keyEventFor(running.epoch, first, running.parameters),
            cancelVotes: new Set(),
          },
        },
        // Who had not voted may have left since: a repeated vote completes the rest.
        events: repeated ? [started] : [voted, started],
      }
    },
  }
}

function listText(domains: readonly Domain[]): string {
  return domains.map((domain) => Object.values(domainJson(domain)).join()).join(';')
}

/** Initializing -> Running with the keys that are agreed, when threshold participants want it. */
export const voteCancelKeygen: Method<{ readonly next_domain_id: bigint }> = (model, by, { next_domain_id }) => {
  const { phase, running } = model
  const self = member(running.parameters, by.account)
  return {
    refused: broken(
      [phase.kind !== 'Initializing', 'WRONG_STATE'],
      [self === undefined, 'NOT_PARTICIPANT'],
      [phase.kind === 'Initializing' && next_domain_id !== phase.nextDomainId, 'NEXT_DOMAIN_ID_MISMATCH'],
    ),
    then() {
      if (phase.kind !== 'Initializing' || self === undefined || phase.cancelVotes.has(self.id)) return nothing(model)
      const cancelVotes = add(phase.cancelVotes, self.id)
      const voted = { event: 'keygen_cancel_voted', data: { account_id: by.account } }
      if (BigInt(cancelVotes.size) < running.parameters.threshold) {
        return { model: { ...model, phase: { ...phase, cancelVotes } }, events: [voted] }
      }
      const { domains, nextDomainId, generated: keys } = phase
      const { epoch } = running
      const dropped = domains.slice(keys.length).map(({ id }) => id)
      return {
        model: {
          ...model,
          running: { ...running, domains: domains.slice(0, keys.length), nextDomainId, keys },
          phase: { kind: 'Running' },
        },
        events: [
          voted,
          { event: 'keygen_cancelled', data: { epoch_id: epoch, dropped } },
          { event: 'running_entered', data: { epoch_id: epoch, from: 'Initializing' } },
        ],
      }
    },
  }
}
