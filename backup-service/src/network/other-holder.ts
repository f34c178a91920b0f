import { participantsOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

/**
 * Who beside the account has this TLS key, or is to have it: in words, or undefined. near/mpc's contract lets an operator name
 * anybody's key as that of his new node (near-mpc.md 1.2, issue 4252 there); whoever holds it would be sent the shares.
 */
export function otherHolderOf(
  { state, migrationInfo }: ContractView,
  accountId: string,
  tlsKey: Ed25519KeyText,
): string | undefined {
  const participant = participantsOf(state).find(
    (each) => each.accountId !== accountId && each.info.tls_public_key === tlsKey,
  )
  if (participant !== undefined) return `the node of ${participant.accountId}`
  for (const [account, [backupService, migration]] of Object.entries(migrationInfo)) {
    if (backupService?.public_key === tlsKey) return `the backup service of ${account}`
    if (account !== accountId && migration?.destination_node_info.tls_public_key === tlsKey)
      return `the node that ${account} moves to`
  }
  return undefined
}
