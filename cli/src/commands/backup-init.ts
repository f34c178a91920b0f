import { Option, type Command } from 'commander'
import type { InitOptions } from '../backup/init/options.ts'
import { identitySource, passphraseSource } from '../backup/identity-option.ts'
import { PUBLIC_NETWORKS } from '../near/networks.ts'
import { accountId, port, rpcUrls, wholeNumber } from '../options.ts'

/** `holdfast backup init`: makes a backup service's home, with new keys. */
export function addBackupInit(parent: Command): void {
  parent
    .command('init')
    .description("make a backup service's home directory, say how to register it, wait for that and examine everything")
    .requiredOption('--home <dir>', "the backup service's home directory; what is there already is kept")
    .requiredOption('--account <id>', "the operator's NEAR account", accountId)
    .requiredOption('--contract <id>', "the network's contract", accountId)
    .requiredOption(
      '--rpc <url>',
      'a NEAR RPC endpoint (not your MPC node); repeat it, with different providers',
      rpcUrls,
    )
    .addOption(
      new Option(
        '--network <name>',
        'the chain that the endpoints must follow, and what near-cli is told (default: what they say)',
      ).choices(PUBLIC_NETWORKS),
    )
    .option('--chain-id <id>', 'the same for any other chain')
    .option('--rpc-quorum <n>', 'how many endpoints must agree (default: a majority)', wholeNumber(1, 100))
    .option('--keyshares-port <port>', "the port of the node's key-share listener", port, 8079)
    .option('--poll-ms <ms>', 'time between two looks at the chain', wholeNumber(50, 60_000), 1_000)
    .option('--max-view-age <seconds>', 'act on no view older than this', wholeNumber(1, 86_400), 300)
    .requiredOption(
      '--identity <where>',
      'the key that opens the backups: beside (the backups), file=PATH, passphrase=PATH, env=VARIABLE or command=PROGRAM',
      identitySource,
    )
    .option('--identity-arg <text>', 'an argument of that program; repeat it', collect, [])
    .option(
      '--passphrase <where>',
      'where the passphrase comes from: prompt, file=PATH or env=VARIABLE',
      passphraseSource,
    )
    .option(
      '--recovery-recipient <age1pq1…>',
      'another key that opens the backups, kept offline; repeat it',
      collect,
      [],
    )
    .option('--repository <dir>', 'where the encrypted shares go; relative to the home', 'repository')
    .option(
      '--place <where>',
      'where they go too: a directory, or a .json file that describes S3; repeat it',
      collect,
      [],
    )
    .option('--durable-copies <n>', 'how many places must hold a backup (default: all)', wholeNumber(1, 100))
    .option('--grace-days <n>', 'how long superseded backups stay (default: 30)', wholeNumber(1, 3_650))
    .option(
      '--near-mpc-key-file <file>',
      "only with a near/mpc node: the file with its backup encryption key (64 hex), relative to the home; left out: backup-cli's variable BACKUP_ENCRYPTION_KEY_HEX, else near-mpc-key in the home",
    )
    .option(
      '--adopt <dir>',
      "take over the TLS key and the shares of this home of near/mpc's backup-cli; it is only read",
    )
    .option('--wait', 'wait until the contract names this service (default: on a terminal, without --json)')
    .option('--no-wait', 'do not')
    .option('--json', 'print JSON (schema/init.json)')
    .addHelpText(
      'after',
      `
Run it on another machine than the node's. With --identity beside the key lies with what it opens: the backups then are safe
against a lost node, not against a stolen disk. A file that --identity names is made if there is none.

Which contract it faces, Holdfast's or near/mpc's, is found out from the chain. It ends with the command that registers the
service, waits on a terminal until the contract shows that, and examines everything as backup doctor does; Ctrl-C leaves a
good home. It can be repeated: what is there is kept. Exit code 0 once the home is made, whatever is left to do.

Examples:
  holdfast backup init --home /var/lib/holdfast/backup --network mainnet --contract v1.signer --account op.near \\
    --rpc https://rpc.example.org --rpc https://near.example.net --identity beside
  BACKUP_ENCRYPTION_KEY_HEX=… holdfast backup init --adopt /var/lib/backup-cli --home …`,
    )
    .action(async (options: InitOptions) => {
      const { initCommand } = await import('../backup/init/init-command.ts')
      await initCommand(options)
    })
}

function collect(text: string, previous: string[]): string[] {
  return [...previous, text]
}
