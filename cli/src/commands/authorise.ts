import type { Command } from 'commander'
import { allowance, durationUpTo, publicKey } from '../options.ts'
import { addOperatorOptions, type OperatorOptions } from './operator-options.ts'

type Options = OperatorOptions & {
  home?: string
  tlsKey?: string
  signerKey?: string
  expiresIn?: number
  allowance?: bigint
  deleteOldKeys?: true
}

/** `holdfast authorise`: lets a node act for the operator's account, and take its place. */
export function addAuthorise(parent: Command): void {
  const command = parent
    .command('authorise')
    .alias('authorize')
    .description('let a node act for the operator: adds its access key to the account and authorises its keys')
    .option('--home <dir>', "the node's home directory: its keys, account, contract and endpoints are used")
    .option('--tls-key <key>', "the node's TLS key, where its home is on another machine", publicKey)
    .option('--signer-key <key>', "the node's signer key, where its home is on another machine", publicKey)
    .option(
      '--expires-in <duration>',
      'how long the authorisation may be used, 1s to 30d (default: the contract says, 24h)',
      durationUpTo(30),
    )
    .option(
      '--allowance <amount>',
      "what the access key may spend on gas: 'unlimited' or e.g. '5 NEAR' (default: unlimited)",
      allowance,
    )
    .option('--delete-old-keys', "delete the access keys of the account's earlier nodes in the same transaction")
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
Two transactions, signed by the operator's full-access key: a function-call access key for the node's signer key, limited
to the contract and to the node's own methods; and authorize_node with 1 yoctoNEAR attached. A node that lost its machine
recovers after this without anything else being typed. Compare the keys with what the new machine printed. Where the account
takes no part yet, there is nothing to authorise: only the access key is added (see: holdfast vote-new-parameters --help).

An earlier node's access key works until it is deleted: whoever finds its disk can spend the account's balance on gas and
disturb key generation. Such keys are looked up and the commands that delete them printed; --delete-old-keys deletes them.
Leave them while a machine that uses one still takes part: it can then no longer report to the contract.

The equivalent near-cli-rs commands are printed; --dry-run prints them and sends nothing.

Examples:
  holdfast authorise --home /var/lib/holdfast/node --key-file ~/.near-credentials/mainnet/alice.near.json
  holdfast authorise --tls-key ed25519:... --signer-key ed25519:... --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --dry-run`,
    )
    .action(async (options: Options) => {
      const { authoriseCommand } = await import('../operator/authorise.ts')
      await authoriseCommand(options)
    })
}
