import { ballotText } from './ballot.ts'
import { writeJson } from './json.ts'
import type { Cell, Ledger } from './ledger.ts'
import type {
  ByAccount,
  Core,
  KeyEvent,
  KeyEventInstance,
  KeyForDomain,
  Participants,
  RecoveringNode,
} from './types.ts'
import type { U64 } from './u64.ts'

/**
 * `state()` as JSON text: near/mpc's shape with Holdfast's fields added (protocol.md 2.1). Put together from the stored
 * texts, which are in the view's shape already: the large parts are neither parsed nor written again.
 */
export function stateText(ledger: Ledger): string {
  if (!ledger.core.exists()) return '"NotInitialized"'
  const core = ledger.core.read()
  const { phase } = core
  switch (phase.kind) {
    case 'Running':
      return `{"Running":${runningText(ledger, core)}}`
    case 'Recovery':
      return (
        `{"Recovery":{"previous_running_state":${runningText(ledger, core)},` +
        `"recovering":${recoveringText(ledger)}}}`
      )
    case 'Initializing': {
      const { epoch_id, domains } = ledger.keyset.read()
      return (
        `{"Initializing":{"domains":${ledger.domains.text()},"epoch_id":${epoch_id},` +
        `"generated_keys":${keysText(ledger, epoch_id, domains)},` +
        `"generating_key":${keyEventText(ledger, phase.generating_key, parametersText(ledger.participants, core.threshold))},` +
        `"cancel_votes":${writeJson(phase.cancel_votes)}}}`
      )
    }
    case 'Resharing': {
      const { resharing_key: event } = phase
      return (
        `{"Resharing":{"previous_running_state":${runningText(ledger, core)},` +
        `"reshared_keys":${keysText(ledger, event.epoch_id, ledger.resharedKeys.read())},` +
        `"resharing_key":${keyEventText(ledger, event, parametersText(ledger.prospective, phase.threshold))},` +
        `"cancellation_requests":${writeJson(phase.cancellation_requests)},` +
        `"per_domain_thresholds":${writeJson(phase.per_domain_thresholds)}}}`
      )
    }
    default:
      throw new Error(`unknown phase ${JSON.stringify(phase satisfies never)}`)
  }
}

function runningText(ledger: Ledger, core: Core): string {
  const { epoch_id, domains } = ledger.keyset.read()
  return (
    `{"domains":${ledger.domains.text()},` +
    `"keyset":{"epoch_id":${epoch_id},"domains":${keysText(ledger, epoch_id, domains)}},` +
    `"parameters":${parametersText(ledger.participants, core.threshold)},` +
    `"parameters_votes":{"proposal_by_account":${ballotText(ledger, ledger.parameterVotes)}},` +
    `"add_domains_votes":{"proposal_by_account":${ballotText(ledger, ledger.domainVotes)}},` +
    `"previously_cancelled_resharing_epoch_id":${core.previously_cancelled_resharing_epoch_id},` +
    `"participants_revision":${core.participants_revision}}`
  )
}

function parametersText(participants: Cell<Participants>, threshold: number): string {
  return `{"participants":${participants.text()},"threshold":${threshold}}`
}

function keysText(ledger: Ledger, epoch: U64, keys: readonly KeyForDomain[]): string {
  const texts = keys.map((key) => {
    const commitments = ledger.commitmentsText(epoch, key.domain_id)
    return `${writeJson(key).slice(0, -1)},"commitments":${commitments}}`
  })
  return `[${texts.join(',')}]`
}

function keyEventText(ledger: Ledger, event: KeyEvent, parameters: string): string {
  const { epoch_id, domain, instance, next_attempt_id } = event
  return (
    `{"epoch_id":${epoch_id},"domain":${writeJson(domain)},"parameters":${parameters},` +
    `"instance":${instance === null ? 'null' : instanceText(ledger, instance)},"next_attempt_id":${next_attempt_id}}`
  )
}

function instanceText(ledger: Ledger, instance: KeyEventInstance): string {
  const outcome = instance.completed.length > 0 ? ledger.outcome.text() : '{"public_key":null,"commitments":null}'
  return `${writeJson(instance).slice(0, -1)},${outcome.slice(1)}`
}

function recoveringText(ledger: Ledger): string {
  const recovering: ByAccount<RecoveringNode | null> = {}
  for (const account of Object.keys(ledger.recovering.read())) recovering[account] = ledger.recovery(account)
  return writeJson(recovering)
}
