import { castVote, closeBallot, digestOf } from './ballot.ts'
import { type Call, requireParticipant, requirePhase } from './call.ts'
import { emit } from './events.ts'
import { writeJson } from './json.ts'
import { newKeyEvent } from './key-event.ts'
import type { DomainConfig } from './types.ts'
import { increment } from './u64.ts'
import { fields } from './validation/arguments.ts'
import { newDomains } from './validation/domains.ts'

/** Running -> Initializing, as soon as a vote finds every participant's latest one for the same list. */
export function voteAddDomains(call: Call, input: unknown): void {
  const { ledger } = call
  const args = fields(input, 'arguments', ['domains'])
  const core = ledger.core.read()
  requirePhase(core, 'Running')
  const [, id] = requireParticipant(call)
  const members = ledger.participants.read().participants
  const registry = ledger.domains.read()
  const domains = newDomains(
    args.domains,
    registry.next_domain_id,
    registry.domains.length,
    members.length,
    core.threshold,
  )
  const text = writeJson(domains)
  const { voters, isNew } = castVote(call, ledger.domainVotes, id, { text, digest: digestOf(text, call.chain) })
  // Who has not voted may have left since: then a repeated vote completes the rest.
  if (isNew) emit(call, 'add_domains_voted', { account_id: call.caller, domains })
  if (voters.length < members.length) return
  closeBallot(ledger, ledger.domainVotes)
  const [first] = domains as [DomainConfig, ...DomainConfig[]]
  const last = domains[domains.length - 1] as DomainConfig
  const { epoch_id } = ledger.keyset.read()
  ledger.domains.write({ domains: [...registry.domains, ...domains], next_domain_id: increment(last.id) })
  ledger.core.write({
    ...core,
    phase: { kind: 'Initializing', generating_key: newKeyEvent(epoch_id, first), cancel_votes: [] },
  })
  emit(call, 'keygen_started', { epoch_id, domains })
}
