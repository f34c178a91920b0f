import type { Command } from 'commander'
import { accountId, rpcUrls, wholeNumber } from '../options.ts'

type Options = { contract?: string; rpc?: string[]; rpcQuorum?: number; home?: string; json?: true }

/** `holdfast status`: the whole network, as the contract has it. */
export function addStatus(parent: Command): void {
  parent
    .command('status')
    .description('the network as the contract has it: state, keys, are they recoverable, operators, updates')
    .option('--home <dir>', 'a node or backup home: its contract and endpoints are used')
    .option('--contract <id>', "the network's contract", accountId)
    .option('--rpc <url>', 'a NEAR RPC endpoint; may be repeated', rpcUrls)
    .option(
      '--rpc-quorum <n>',
      "how many endpoints must agree (default: the home's, or a majority)",
      wholeNumber(1, 100),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Reads final state only. Per key: how many operators are live, how many backup services have told the contract that they
hold their share of this very keyset (stored) and that they have rehearsed its restore (drilled), how many are needed; and a
level: healthy, degraded, recovering, critical (one more loss stops the key), unavailable. A key survives the loss of every
machine if as many shares as sign are stored. Also: code that operators vote for. Exit code 0 if the state could be read, 7
if not.

Examples:
  holdfast status --home /var/lib/holdfast/node
  holdfast status --contract mpc.near --rpc https://rpc.example.org --json`,
    )
    .action(async (options: Options) => {
      const { statusCommand } = await import('../network-status/status-command.ts')
      await statusCommand(options)
    })
}
