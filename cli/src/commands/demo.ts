import type { Command } from 'commander'
import { wholeNumber } from '../options.ts'

type Options = {
  nodes: number
  threshold?: number
  domains: number
  blockMs: number
  home?: string
  keep?: true
  json?: true
}

/** `holdfast demo`: loses every machine of a network and no key. */
export function addDemo(parent: Command): void {
  parent
    .command('demo')
    .description('watch a network lose one machine, then all of them, and sign again under the same public keys')
    .option('--nodes <n>', 'machines (operators)', wholeNumber(2, 20), 5)
    .option(
      '--threshold <t>',
      'shares needed to sign; at least 60 % of the machines (default: as few as that)',
      wholeNumber(2, 20),
    )
    .option('--domains <n>', 'distributed keys', wholeNumber(1, 8), 2)
    .option('--block-ms <ms>', 'time between two blocks; 600 as on mainnet', wholeNumber(50, 10_000), 600)
    .option('--home <dir>', 'where all files go; must be new or empty (default: a temporary directory)')
    .option('--keep', 'leave everything running at the end, and say how to reach each part')
    .option('--json', 'one JSON event per line; the last line is the result')
    .addHelpText(
      'after',
      `
Every node and every backup service is a process of its own with its own disk and its own address in 127.0.0.0/8. The
chain is the embedded one, or the official sandbox if NEAR_SANDBOX_BIN_PATH names its binary. Exit code 0 only if every
check held; 9 if one did not, 130 or 143 if a signal stopped it before the end. The files are deleted at the end, unless something failed.

Examples:
  holdfast demo
  holdfast demo --nodes 7 --threshold 5 --domains 1 --block-ms 200
  holdfast demo --json | tail -1`,
    )
    .action(async (options: Options) => {
      const { demoCommand } = await import('../demo/demo-command.ts')
      await demoCommand(options)
    })
}
