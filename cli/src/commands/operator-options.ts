import type { Command } from 'commander'
import { accountId, rpcUrls } from '../options.ts'

/** What every command takes that signs with the operator's full-access key. */
export type OperatorOptions = {
  account?: string
  contract?: string
  rpc?: string[]
  keyFile?: string
  network?: string
  dryRun?: true
  json?: true
}

/** The `--home` of commands that need no more of a home than whose it is. */
export const HOME_OPTION = [
  '--home <dir>',
  "the home of the operator's node or backup service: its account, contract and endpoints are used",
] as const

/** The option of every command that prints near-cli-rs commands; the default is made in operator/target.ts. */
export const NETWORK_OPTION = [
  '--network <name>',
  "near-cli-rs's name of the network, for the printed commands (default: mainnet; localnet with endpoints on this machine)",
] as const

/** The command has --home too, which stands in for what is not given. */
export function addOperatorOptions(command: Command): void {
  command
    .option('--account <id>', "the operator's NEAR account (default: the home's)", accountId)
    .option('--contract <id>', "the network's contract (default: the home's)", accountId)
    .option('--rpc <url>', "a NEAR RPC endpoint; may be repeated (default: the home's)", rpcUrls)
    .option('--key-file <file>', "the account's full-access key, NEAR credentials JSON, mode 0600")
    .option(...NETWORK_OPTION)
    .option('--dry-run', 'print what would be done, as near-cli-rs commands, and do nothing')
    .option('--json', 'print JSON')
}
