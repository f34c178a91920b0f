import { migrationRequest } from './migration-request.ts'
import type { Network } from './port.ts'

/**
 * near/mpc's contract (near-mpc.md 4.1): no state `Recovery`, so that a lost node comes back by a migration; no commitments, no
 * receipts, and no call that tells of a delivery. `version` is what its view of that name says.
 */
export function nearMpc(version: string): Network {
  return {
    kind: 'near-mpc',
    label: `near-mpc ${version}`,
    restoreRequest: migrationRequest,
    confirmationOf: () => 'read-back',
    takesReceipts: () => false,
    howToRegister: (accountId, tlsKey) =>
      `call register_backup_service with {"backup_service_info":{"public_key":"${tlsKey}"}} and 1 yoctoNEAR as ${accountId}, ` +
      'with its full-access key',
    howToAskForRestore: "start the new node and name it with start_node_migration, with the operator's full-access key",
    whatHindersConclusion:
      "the contract's get_tee_accounts must show its TLS key (an attestation expires after about a week), its signer key must be " +
      'an access key of the account, limited to the contract, and the account must have the balance for its calls; then look at its log',
    // 3.14.1 can neither take a migration back nor let it expire; later versions have cancel_node_migration.
    howToWithdraw: () =>
      'cancel the migration (cancel_node_migration), or where there is no such call name a node of yours in its place',
  }
}
