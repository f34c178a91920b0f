import type { Command } from 'commander'
import { participantOption } from '../operator/first-participants.ts'
import type { FirstParticipant } from '../operator/init-parameters.ts'
import { accountId, rpcUrls, wholeNumber } from '../options.ts'
import { NETWORK_OPTION } from './operator-options.ts'

export type DeployOptions = {
  contract: string
  rpc?: string[]
  keyFile?: string
  wasm?: string
  participant?: FirstParticipant[]
  participants?: string
  threshold: number
  network?: string
  dryRun?: true
  json?: true
}

/** `holdfast deploy`: makes a network: the contract, and who takes part from the beginning. */
export function addDeploy(parent: Command): void {
  parent
    .command('deploy')
    .description('make a network: deploy the contract on an account and name the first participants')
    .requiredOption('--contract <id>', "the contract's account, which must exist and be empty", accountId)
    .option(
      '--participant <account=,url=,tls-key=>',
      "a first participant, as its node's init printed it; repeat it for each, ids follow the order",
      participantOption,
    )
    .option('--participants <file>', 'instead: a JSON list of {"account_id", "url", "tls_public_key"}')
    .requiredOption('--threshold <n>', 'how many participants govern: at least 60 % of them', wholeNumber(2, 1_000))
    .option('--rpc <url>', 'a NEAR RPC endpoint; may be repeated, then all must agree on what is there', rpcUrls)
    .option('--key-file <file>', "the contract account's full-access key, NEAR credentials JSON, mode 0600")
    .option('--wasm <file>', 'the compiled contract (default: contract/build/holdfast.wasm, compiled if need be)')
    .option(...NETWORK_OPTION)
    .option('--dry-run', 'print what would be done, as a near-cli-rs command, and do nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
One transaction of the contract's account, all or nothing: the code, and init with the participants. The SHA-256 of the code
is printed first (on stderr): the same source gives the same one. The account pays about 6 NEAR for the storage. Nothing is
deployed over other code or over state; where this very code is there and has no state, only init is called. Whoever has
a full-access key of the account can replace the contract: delete the last one when the network stands. See docs/network.md.

Example:
  holdfast deploy --contract mpc.near --threshold 2 --rpc https://rpc.example.org --key-file mpc.near.json \\
    --participant account=alice.near,url=http://mpc.alice.example:3000,tls-key=ed25519:... \\
    --participant account=bob.near,url=http://mpc.bob.example:3000,tls-key=ed25519:... \\
    --participant account=carol.near,url=http://mpc.carol.example:3000,tls-key=ed25519:...`,
    )
    .action(async (options: DeployOptions) => {
      const { deployCommand } = await import('../operator/deploy.ts')
      await deployCommand(options)
    })
}
