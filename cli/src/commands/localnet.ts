import { Option, type Command } from 'commander'
import { accountIds, port, wholeNumber } from '../options.ts'

type Options = {
  home: string
  host: string
  port: number
  blockMs: number
  endpoints: number
  faults?: true
  vm: 'v8' | 'near' | 'both'
  account?: string[]
  json?: true
}

/** `holdfast localnet`: a NEAR chain in one process, for development. */
export function addLocalnet(parent: Command): void {
  parent
    .command('localnet')
    .description("run a NEAR chain of one's own in this process, for development and tests")
    .requiredOption('--home <dir>', 'where the key of the first account (validator_key.json) goes')
    .option('--host <ip>', 'the local address to listen on', '127.0.0.1')
    .option('--port <port>', 'the port to listen on; 0 lets the system choose', port, 3030)
    .option('--block-ms <ms>', 'time between two blocks', wholeNumber(10, 60_000), 600)
    .option('--endpoints <n>', 'how many ports serve the chain, from --port on', wholeNumber(1, 20), 1)
    .option(
      '--faults',
      'let each endpoint be made slow, late, lying or dead over HTTP, on the port after the endpoints',
    )
    .addOption(
      new Option(
        '--vm <vm>',
        "what executes contracts: V8, NEAR's own VM (needs cargo), or both, compared call by call",
      )
        .choices(['v8', 'near', 'both'])
        .default('v8'),
    )
    .option(
      '--account <name>',
      'create an account with 100 NEAR, NAME.test.near, its key file beside the first one; may be repeated',
      accountIds,
    )
    .option('--json', 'print one JSON line when ready')
    .addHelpText(
      'after',
      `
Speaks NEAR's JSON-RPC (localnet/README.md says what it does not do). Its state is in memory: it ends with the process. Never use its keys anywhere else.

Examples:
  holdfast localnet --home /tmp/localnet --port 3030
  holdfast localnet --home /tmp/localnet --account mpc --account alice --account bob --account carol`,
    )
    .action(async (options: Options) => {
      const { localnetCommand } = await import('../localnet-command.ts')
      await localnetCommand(options)
    })
}
