import type { Logger } from '@holdfast/protocol/log.ts'
import type { JudgeMessage } from '../ports.ts'
import { ANY_PARTICIPANT } from './any-participant.ts'
import { createCommandPolicy } from './command.ts'
import type { Consents } from './consents.ts'
import type { CosignPolicy } from './cosign-config.ts'
import { createOwnOperatorPolicy } from './own-operator.ts'

/** The configured policy; says in the log what it means where that is dangerous. */
export function createPolicy(policy: CosignPolicy, consents: Consents, log: Logger): JudgeMessage {
  switch (policy.kind) {
    case 'own-operator':
      return createOwnOperatorPolicy(consents)
    case 'command':
      return createCommandPolicy(policy, log)
    case 'participants':
      log.warn(
        { cosign: policy.kind },
        'this node signs whatever any participant asks for: where too many nodes do, one dishonest operator has anything signed',
      )
      return ANY_PARTICIPANT
    default:
      policy satisfies never
      throw new TypeError('unknown cosigning policy')
  }
}
