import type { Command } from 'commander'
import type { MigrateOptions } from '../operator/migrate.ts'
import { allowance, participantUrl, publicKey } from '../options.ts'
import { addOperatorOptions, HOME_OPTION, type OperatorOptions } from './operator-options.ts'

/** `holdfast migrate`: orders a planned move of the operator's node to another machine. */
export function addMigrate(parent: Command): void {
  const command = parent
    .command('migrate')
    .description('move the operator to another node by plan: the present one signs until the other has taken over')
    .option('--home <dir>', "the new node's home directory: its keys, url, account, contract and endpoints are used")
    .option('--tls-key <key>', "the new node's TLS key, where its home is on another machine", publicKey)
    .option('--signer-key <key>', "the new node's signer key, where its home is on another machine", publicKey)
    .option(
      '--url <url>',
      "where the other nodes reach the new one, http://host:port (default: the home's)",
      participantUrl,
    )
    .option(
      '--allowance <amount>',
      "what the access key may spend on gas: 'unlimited' or e.g. '5 NEAR' (default: unlimited)",
      allowance,
    )
    .option('--no-dial', 'do not connect to the new node first, where this machine cannot reach it')
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
For a machine that still runs. One that is lost recovers: holdfast authorise. Do not authorise the new node as well: with an
authorisation and no move it recovers, which stops the present node at once.

Start the new node first (node init, node run). Two transactions, signed by the operator's full-access key: a function-call
access key for its signer key, and start_node_migration with 1 yoctoNEAR attached. Then the backup service brings the shares
by itself, the new node proves and stores them and concludes, and the present node stops for good. Nothing is concluded while
the network generates or reshares keys or somebody recovers; it goes on afterwards. Ordering it again names another node.

Checked before: the network is Running, the account takes part, nobody else has the TLS key, and the new node answers at its
url under it. The equivalent near-cli-rs commands are printed; --dry-run prints them and sends nothing.

Examples:
  holdfast migrate --home /var/lib/holdfast/node --key-file ~/.near-credentials/mainnet/alice.near.json
  holdfast migrate --tls-key ed25519:... --signer-key ed25519:... --url http://mpc-2.alice.example:3000 \\
    --account alice.near --contract mpc.near --rpc https://rpc.example.org --key-file alice.near.json`,
    )
    .action(async (options: MigrateOptions) => {
      const { migrateCommand } = await import('../operator/migrate.ts')
      await migrateCommand(options)
    })
}

/** `holdfast cancel-migration`: gives a planned move up. */
export function addCancelMigration(parent: Command): void {
  const command = parent
    .command('cancel-migration')
    .description(
      "give the operator's planned move up; the present node goes on, the other destroys what it was brought",
    )
    .option(...HOME_OPTION)
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
cancel_node_migration with 1 yoctoNEAR attached, signed by the operator's full-access key; in any state of the network. A
move that is concluded cannot be given up: move back (holdfast node unbury, holdfast migrate).

Examples:
  holdfast cancel-migration --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast cancel-migration --account alice.near --contract mpc.near --dry-run`,
    )
    .action(async (options: OperatorOptions & { home?: string }) => {
      const { cancelMigrationCommand } = await import('../operator/cancel-migration.ts')
      await cancelMigrationCommand(options)
    })
}
