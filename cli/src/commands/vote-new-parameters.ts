import type { Command } from 'commander'
import { domainThresholds } from '../domain-option.ts'
import type { VoteNewParametersOptions } from '../operator/vote-new-parameters.ts'
import { accountIds, wholeNumber } from '../options.ts'
import { addOperatorOptions, HOME_OPTION } from './operator-options.ts'

/** `holdfast vote-new-parameters`: the operator's vote for who takes part, and with which thresholds. */
export function addVoteNewParameters(parent: Command): void {
  const command = parent
    .command('vote-new-parameters')
    .description(
      "cast the operator's vote for other participants or thresholds; the keys stay, their shares are dealt anew",
    )
    .option(...HOME_OPTION)
    .option('--add <id>', 'a candidate that is to take part; may be repeated', accountIds)
    .option('--remove <id>', 'a participant that is to leave; may be repeated', accountIds)
    .option(
      '--threshold <n>',
      'how many participants decide, 60 % at least (default: as many as now)',
      wholeNumber(2, 128),
    )
    .option(
      '--domain-threshold <id=n>',
      'how many shares of a key sign (default: as many as now); may be repeated',
      domainThresholds,
    )
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
The proposal is made of what the contract says now, and shown before it is sent. Everybody who stays or joins must vote for
the same one, so all of them run this command with the same --add, --remove and thresholds, in any order; who joins comes
last. A vote already cast is replaced. A node that recovers or moves in between makes the proposal out of date: vote again.
Pending recoveries end when the resharing begins. Without any change the same participants get new shares.

Examples:
  holdfast vote-new-parameters --add dave.near --threshold 3 --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast vote-new-parameters --remove erin.near --domain-threshold 0=3 --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --dry-run`,
    )
    .action(async (options: VoteNewParametersOptions) => {
      const { voteNewParametersCommand } = await import('../operator/vote-new-parameters.ts')
      await voteNewParametersCommand(options)
    })
}
