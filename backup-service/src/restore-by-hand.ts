import type { ApprovalFacts } from './approval/approval.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { decide, type Decision, type Known, type Work } from './decide.ts'

/** Where a person says that the shares go: the node's key-share port, and the key that must answer there. */
export type Destination = { host: string; port: number; tlsPublicKey: Ed25519KeyText }

/**
 * The restore that a person asks for. It is the service's own decision on the same view, to the very key that the
 * contract names; only the address may be another, for the contract's url is the node's word. To name the key
 * is to approve; a denial stands.
 * @throws HoldfastError `RESTORE_NOT_ASKED` where the contract names no node that is to get the account's shares,
 * `OTHER_DESTINATION` where it names another key, `RESTORE_REFUSED` for any other reason that the service would refuse it for
 */
export function restoreByHand(
  view: ContractView,
  destination: Destination,
  known: Omit<Known, 'lastDelivery' | 'approval'>,
  answers: ApprovalFacts['answers'],
): Extract<Work, { kind: 'restore' }> {
  const request = known.network.restoreRequest(view, known.accountId)
  if (request === undefined) {
    throw new HoldfastError(
      'RESTORE_NOT_ASKED',
      `refusing to restore: the contract names no new node of ${known.accountId}, so that no node but the present one may have ` +
        `its shares; ${known.network.howToAskForRestore}`,
    )
  }
  if (request.tlsPublicKey !== destination.tlsPublicKey) {
    throw new HoldfastError(
      'OTHER_DESTINATION',
      `refusing to restore to ${destination.tlsPublicKey}: the contract names ${request.tlsPublicKey} as ${known.accountId}'s new ` +
        `node; if that is not yours, ${known.network.howToWithdraw(request.claim)} at once`,
    )
  }
  const approval: ApprovalFacts = { policy: { mode: 'auto' }, firstSeenMs: undefined, answers }
  const decision = decide(view, { ...known, lastDelivery: undefined, approval })
  if (decision.kind === 'restore') {
    const { host, port } = destination
    return { ...decision, destination: { ...decision.destination, host, port } }
  }
  throw new HoldfastError('RESTORE_REFUSED', `refusing to restore: ${reasonOf(decision)}`)
}

function reasonOf(decision: Exclude<Decision, { kind: 'restore' }>): string {
  switch (decision.kind) {
    case 'refuse':
      return decision.message
    case 'backup':
      return 'there is no backup of the live keyset yet, and the present node has the shares; run the service until it has them'
    case 'idle':
      return decision.reason === 'awaiting-conclusion'
        ? 'the contract shows that the shares were delivered a moment ago; wait for the node to conclude, then look again'
        : `the new node may have the shares once the protocol is Running again; now there is nothing to do (${decision.reason})`
    case 'hold':
      return 'it waits for a yes or no'
    default:
      decision satisfies never
      throw new TypeError('unknown decision')
  }
}
