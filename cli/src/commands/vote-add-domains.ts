import type { Command } from 'commander'
import { domains, type NewDomain } from '../domain-option.ts'
import { addOperatorOptions, HOME_OPTION, type OperatorOptions } from './operator-options.ts'

type Options = OperatorOptions & { home?: string; domain: NewDomain[] }

/** `holdfast vote-add-domains`: the operator's vote for new distributed keys. */
export function addVoteAddDomains(parent: Command): void {
  const command = parent
    .command('vote-add-domains')
    .description(
      "cast the operator's vote for new distributed keys; generation starts when every participant voted alike",
    )
    .option(...HOME_OPTION)
    .requiredOption(
      '--domain <id:threshold>',
      'a new Ed25519 signing key and how many shares sign; may be repeated',
      domains,
    )
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
Every participant must vote for the same list. New ids follow the contract's next_domain_id (see: holdfast status).

Examples:
  holdfast vote-add-domains --domain 0:3 --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast vote-add-domains --domain 0:3 --domain 1:3 --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --key-file ~/.near-credentials/mainnet/alice.near.json`,
    )
    .action(async (options: Options) => {
      const { voteAddDomainsCommand } = await import('../operator/vote-add-domains.ts')
      await voteAddDomainsCommand(options)
    })
}
