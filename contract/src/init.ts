import type { Call } from './call.ts'
import { readConfig } from './config.ts'
import { emit } from './events.ts'
import { keysetGoesLive } from './live-keyset.ts'
import { refuse } from './refusal.ts'
import { fields, integer, present } from './validation/arguments.ts'
import { readNodeInfo } from './validation/node-info.ts'
import { checkIncarnation, participants, PARTICIPANTS_MAX } from './validation/participants.ts'
import { checkGovernanceThreshold } from './validation/threshold.ts'

/** NotInitialized -> Running without domains, epoch 0. Only the contract's own account may do it, once. */
export function initialize(call: Call, input: unknown): void {
  const { chain, ledger } = call
  if (call.caller !== chain.self()) {
    refuse('NOT_CONTRACT_ACCOUNT', `only ${chain.self()} may initialise the contract, found ${call.caller}`)
  }
  if (ledger.core.exists()) refuse('ALREADY_INITIALIZED', 'the contract has been initialised before')
  const args = fields(input, 'arguments', ['parameters', 'init_config'])
  present(args.parameters, 'parameters')
  const parameters = fields(args.parameters, 'parameters', ['participants', 'threshold'])
  const members = participants(parameters.participants, 'parameters.participants', (account, given, path) => {
    checkIncarnation(account, given, path, 0)
    return { ...readNodeInfo(given, path, chain), incarnation: 0 }
  })
  const threshold = integer(parameters.threshold, 'parameters.threshold', 0, PARTICIPANTS_MAX)
  checkGovernanceThreshold(threshold, members.participants.length)
  ledger.participants.write(members)
  ledger.domains.write({ domains: [], next_domain_id: 0 })
  ledger.keyset.write({ epoch_id: 0, domains: [] })
  keysetGoesLive(ledger, chain)
  ledger.config.write(readConfig(args.init_config))
  ledger.core.write({
    phase: { kind: 'Running' },
    threshold,
    participants_revision: 0,
    previously_cancelled_resharing_epoch_id: null,
  })
  emit(call, 'initialized', { participants: members.participants.map(([account]) => account), threshold })
}
