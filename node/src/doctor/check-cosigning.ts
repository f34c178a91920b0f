import { access, constants } from 'node:fs/promises'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import type { NodeConfig } from '../config/config.ts'
import { cosignPolicyOf } from '../cosigning/cosign-config.ts'

/** Which messages the node will sign, in words, and whether the program that decides can be run. */
export async function checkCosigning({ cosign }: NodeConfig): Promise<Finding> {
  const check = 'cosigning'
  const policy = cosignPolicyOf(cosign)
  switch (policy.kind) {
    case 'own-operator':
      return well(check, 'signs what its own operator asks for')
    case 'participants':
      return well(check, 'signs whatever any participant asks for, as configured')
    case 'command':
      try {
        await access(policy.program, constants.X_OK)
        return well(check, `signs what ${policy.program} allows`)
      } catch (error) {
        return wrong(
          check,
          `its program cannot be run, so that it signs nothing: ${errorMessage(error)}`,
          'mend cosign.command in config.json, or the program and its mode',
        )
      }
    default:
      policy satisfies never
      throw new TypeError('unknown cosigning policy')
  }
}
