import type { Command } from 'commander'
import { allowance, publicKey } from '../options.ts'
import { addOperatorOptions, type OperatorOptions } from './operator-options.ts'

type Options = OperatorOptions & { home?: string; tlsKey?: string; signerKey?: string; allowance?: bigint }

/** `holdfast register`: names the operator's backup service in the contract. */
export function addRegister(parent: Command): void {
  const command = parent
    .command('register')
    .description("name the operator's backup service in the contract, and add its access key to the account")
    .option('--home <dir>', "the backup service's home directory: its keys, account, contract and endpoints are used")
    .option('--tls-key <key>', "the backup service's TLS key, where its home is on another machine", publicKey)
    .option('--signer-key <key>', "the backup service's signer key, where its home is on another machine", publicKey)
    .option(
      '--allowance <amount>',
      "what the access key may spend on gas: 'unlimited' or e.g. '5 NEAR' (default: unlimited)",
      allowance,
    )
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
Two transactions, signed by the operator's full-access key: a function-call access key for the backup service's signer
key, limited to the contract and to the service's own methods; and register_backup_service with 1 yoctoNEAR attached. The
node hands its shares to the registered service only. Registering again replaces the service before. On near/mpc's network,
which is recognised by its contract, it is the second transaction only: the service calls nothing there.

Examples:
  holdfast register --home /var/lib/holdfast/backup --key-file ~/.near-credentials/mainnet/alice.near.json
  holdfast register --tls-key ed25519:... --signer-key ed25519:... --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --dry-run`,
    )
    .action(async (options: Options) => {
      const { registerCommand } = await import('../operator/register.ts')
      await registerCommand(options)
    })
}
