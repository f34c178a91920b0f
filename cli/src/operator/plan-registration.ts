import type { Network } from '@holdfast/backup-service/network/port.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { planNearMpcRegistration, planRegistration, type OperatorAction } from './plan.ts'

/** What the operator's full-access key signs so that the contract names this service: on Holdfast's network an access key too. */
export function planRegistrationOn(
  network: Network['kind'],
  keys: { tlsKey: Ed25519KeyText; signerKey: Ed25519KeyText; allowanceYocto?: bigint | undefined },
): OperatorAction[] {
  switch (network) {
    case 'holdfast':
      return planRegistration(keys)
    case 'near-mpc':
      return planNearMpcRegistration(keys)
    default:
      network satisfies never
      throw new TypeError('unknown network')
  }
}
