import { Option, type Command } from 'commander'
import { LOG_LEVEL_NAMES } from './log-levels.ts'

/** `holdfast node run`: the node itself; ends when it is told to. */
export function addNodeRun(parent: Command): void {
  parent
    .command('run')
    .description('run the node until SIGTERM or SIGINT (a second one ends it at once)')
    .requiredOption('--home <dir>', "the node's home directory, as made by node init")
    .addOption(new Option('--log-level <level>', 'what is logged to stderr').choices(LOG_LEVEL_NAMES).default('info'))
    .addHelpText(
      'after',
      `
Logs one JSON object per line to stderr. Exit code 0 after a signal, 6 if this machine was replaced (its tombstone says
when and by which key).

Example:
  holdfast node run --home /var/lib/holdfast/node`,
    )
    .action(async ({ home, logLevel }: { home: string; logLevel: (typeof LOG_LEVEL_NAMES)[number] }) => {
      const { shutdownSignal } = await import('../shutdown.ts')
      const signal = shutdownSignal()
      const [{ createLogger }, { runNode }] = await Promise.all([
        import('@holdfast/protocol/log.ts'),
        import('@holdfast/node/run-node.ts'),
      ])
      const reason = await runNode({ home, signal, log: createLogger({ name: 'node', level: logLevel }) })
      if (reason.kind === 'superseded') {
        const [{ CommandExit }, { EXIT_CODES }] = await Promise.all([
          import('../command-exit.ts'),
          import('@holdfast/protocol/exit-codes.ts'),
        ])
        throw new CommandExit(EXIT_CODES.tombstone)
      }
    })
}
