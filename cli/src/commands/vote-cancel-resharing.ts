import type { Command } from 'commander'
import { addOperatorOptions, HOME_OPTION, type OperatorOptions } from './operator-options.ts'

/** `holdfast vote-cancel-resharing`: the operator's vote to go on with the epoch that is live. */
export function addVoteCancelResharing(parent: Command): void {
  const command = parent
    .command('vote-cancel-resharing')
    .description("cast the operator's vote to give a resharing up; the network runs on with the keys' present shares")
    .option(...HOME_OPTION)
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
For participants of the live epoch; it is done when as many have voted as decide in it. For a resharing that does not end,
because a node that is to take part does not run: the network signs with the present shares all the while, and after it.
The number of the epoch that is given up is not used again.

Examples:
  holdfast vote-cancel-resharing --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast vote-cancel-resharing --account alice.near --contract mpc.near --dry-run`,
    )
    .action(async (options: OperatorOptions & { home?: string }) => {
      const { voteCancelResharingCommand } = await import('../operator/vote-cancel-resharing.ts')
      await voteCancelResharingCommand(options)
    })
}
