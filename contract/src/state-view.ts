import { writeJson } from './json.ts'
import type { Ledger } from './ledger.ts'
import type { Core } from './types.ts'

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
        `"recovering":${writeJson(phase.recovering)}}}`
      )
    case 'Initializing': {
      const { epoch_id, domain, instance, next_attempt_id } = phase.generating_key
      return (
        `{"Initializing":{"domains":${ledger.domains.text()},"epoch_id":${epoch_id},` +
        `"generated_keys":${writeJson(ledger.keyset.read().domains)},` +
        `"generating_key":{"epoch_id":${epoch_id},"domain":${writeJson(domain)},"parameters":${parametersText(ledger, core)},` +
        `"instance":${writeJson(instance)},"next_attempt_id":${next_attempt_id}},` +
        `"cancel_votes":${writeJson(phase.cancel_votes)}}}`
      )
    }
    default:
      throw new Error(`unknown phase ${JSON.stringify(phase satisfies never)}`)
  }
}

function runningText(ledger: Ledger, core: Core): string {
  return (
    `{"domains":${ledger.domains.text()},"keyset":${ledger.keyset.text()},` +
    `"parameters":${parametersText(ledger, core)},"parameters_votes":{"proposal_by_account":{}},` +
    `"add_domains_votes":{"proposal_by_account":${writeJson(ledger.votes.read().add_domains)}},` +
    `"previously_cancelled_resharing_epoch_id":${core.previously_cancelled_resharing_epoch_id},` +
    `"participants_revision":${core.participants_revision}}`
  )
}

function parametersText(ledger: Ledger, core: Core): string {
  return `{"participants":${ledger.participants.text()},"threshold":${core.threshold}}`
}
