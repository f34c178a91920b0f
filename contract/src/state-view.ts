import { ballotParts } from './ballot.ts'
import { writeJson } from './json.ts'
import type { Cell } from './cell.ts'
import type { Ledger } from './ledger.ts'
import type { Core, KeyEvent, KeyEventInstance, KeyForDomain, Participants } from './types.ts'
import type { U64 } from './u64.ts'

/**
 * `state()` as JSON text: near/mpc's shape with Holdfast's fields added (protocol.md 2.1). Put together from the stored
 * texts, which are in the view's shape already: the large parts are neither parsed nor written again, and joined once,
 * because every template that they pass through would copy them.
 */
export function stateText(ledger: Ledger): string {
  if (!ledger.core.exists()) return '"NotInitialized"'
  return stateParts(ledger, ledger.core.read()).join('')
}

/** Texts that make one JSON text when they are put together. */
type Parts = string[]

function stateParts(ledger: Ledger, core: Core): Parts {
  const { phase } = core
  switch (phase.kind) {
    case 'Running':
      return ['{"Running":', ...running(ledger, core), '}']
    case 'Recovery':
      return [
        '{"Recovery":{"previous_running_state":',
        ...running(ledger, core),
        ',"recovering":',
        ...recovering(ledger),
        '}}',
      ]
    case 'Initializing': {
      const { epoch_id, domains } = ledger.keyset.read()
      return [
        `{"Initializing":{"domains":${ledger.domains.text()},"epoch_id":${epoch_id},"generated_keys":`,
        ...keys(ledger, epoch_id, domains),
        ',"generating_key":',
        ...keyEvent(ledger, phase.generating_key, parameters(ledger.participants, core.threshold)),
        `,"cancel_votes":${writeJson(phase.cancel_votes)}}}`,
      ]
    }
    case 'Resharing': {
      const { resharing_key: event } = phase
      return [
        '{"Resharing":{"previous_running_state":',
        ...running(ledger, core),
        ',"reshared_keys":',
        ...keys(ledger, event.epoch_id, ledger.resharedKeys.read()),
        ',"resharing_key":',
        ...keyEvent(ledger, event, parameters(ledger.prospective, phase.threshold)),
        `,"cancellation_requests":${writeJson(phase.cancellation_requests)},` +
          `"per_domain_thresholds":${writeJson(phase.per_domain_thresholds)}}}`,
      ]
    }
    default:
      throw new Error(`unknown phase ${JSON.stringify(phase satisfies never)}`)
  }
}

function running(ledger: Ledger, core: Core): Parts {
  const { epoch_id, domains } = ledger.keyset.read()
  return [
    `{"domains":${ledger.domains.text()},"keyset":{"epoch_id":${epoch_id},"domains":`,
    ...keys(ledger, epoch_id, domains),
    '},"parameters":',
    ...parameters(ledger.participants, core.threshold),
    ',"parameters_votes":{"proposal_by_account":',
    ...ballotParts(ledger, ledger.parameterVotes),
    '},"add_domains_votes":{"proposal_by_account":',
    ...ballotParts(ledger, ledger.domainVotes),
    `},"previously_cancelled_resharing_epoch_id":${core.previously_cancelled_resharing_epoch_id},` +
      `"participants_revision":${core.participants_revision}}`,
  ]
}

function parameters(participants: Cell<Participants>, threshold: number): Parts {
  return ['{"participants":', participants.text(), `,"threshold":${threshold}}`]
}

function keys(ledger: Ledger, epoch: U64, entries: readonly KeyForDomain[]): Parts {
  const parts = ['[']
  for (const [index, key] of entries.entries()) {
    parts.push(`${index > 0 ? ',' : ''}${writeJson(key).slice(0, -1)},"commitments":`)
    parts.push(ledger.commitmentsText(epoch, key.domain_id), '}')
  }
  parts.push(']')
  return parts
}

function keyEvent(ledger: Ledger, event: KeyEvent, members: Parts): Parts {
  const { epoch_id, domain, instance, next_attempt_id } = event
  return [
    `{"epoch_id":${epoch_id},"domain":${writeJson(domain)},"parameters":`,
    ...members,
    ',"instance":',
    instance === null ? 'null' : instanceText(ledger, instance),
    `,"next_attempt_id":${next_attempt_id}}`,
  ]
}

function instanceText(ledger: Ledger, instance: KeyEventInstance): string {
  const outcome = instance.completed.length > 0 ? ledger.outcome.text() : '{"public_key":null,"commitments":null}'
  return `${writeJson(instance).slice(0, -1)},${outcome.slice(1)}`
}

function recovering(ledger: Ledger): Parts {
  const parts = ['{']
  for (const [index, account] of Object.keys(ledger.recovering.read()).entries()) {
    parts.push(`${index > 0 ? ',' : ''}"${account}":`, ledger.recoveryText(account))
  }
  parts.push('}')
  return parts
}
