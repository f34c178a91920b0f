import type { ApprovalFacts } from './approval/approval.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { decide, recoveryRecord, type Known, type Work } from './decide.ts'

/** Where a person says that the shares go: the node's key-share port, and the key that must answer there. */
export type Destination = { host: string; port: number; tlsPublicKey: Ed25519KeyText }

/**
 * The restore that a person asks for. It is the service's own decision on the same view, to the very key that the
 * contract names; only the address may be another, for the contract's url is the node's word. To name the key
 * is to approve; a denial stands.
 * @throws HoldfastError `RESTORE_NOT_ASKED` where the contract shows no recovery of the account, `OTHER_DESTINATION` where it
 * names another key, `RESTORE_REFUSED` for any other reason that the service would refuse it for
 */
export function restoreByHand(
  view: ContractView,
  destination: Destination,
  known: Omit<Known, 'lastDelivery' | 'approval'>,
  answers: ApprovalFacts['answers'],
): Extract<Work, { kind: 'restore' }> {
  const record = recoveryRecord(view, known.accountId)
  if (record === undefined) {
    throw new HoldfastError(
      'RESTORE_NOT_ASKED',
      `refusing to restore: the contract shows no recovery of ${known.accountId}, so that no node but the present one may ` +
        'have its shares; authorise the new node (holdfast authorise) and start it, which asks for the recovery',
    )
  }
  const named = record.destination_node_info.tls_public_key
  if (named !== destination.tlsPublicKey) {
    throw new HoldfastError(
      'OTHER_DESTINATION',
      `refusing to restore to ${destination.tlsPublicKey}: the contract names ${named} as ${known.accountId}'s new node; ` +
        'if that is not yours, cancel the recovery at once',
    )
  }
  const approval: ApprovalFacts = { policy: { mode: 'auto' }, firstSeenMs: undefined, answers }
  const decision = decide(view, { ...known, lastDelivery: undefined, approval })
  if (decision.kind === 'restore') {
    const { host, port } = destination
    return { ...decision, destination: { ...decision.destination, host, port } }
  }
  const reason =
    decision.kind === 'refuse'
      ? decision.message
      : 'the contract shows that the shares were delivered a moment ago; wait for the node to conclude, then look again'
  throw new HoldfastError('RESTORE_REFUSED', `refusing to restore: ${reason}`)
}
