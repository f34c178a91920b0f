import { type Command, Option } from 'commander'
import { LOG_LEVEL_NAMES } from './log-levels.ts'

/** `holdfast backup run`: the backup service itself; ends when it is told to. */
export function addBackupRun(parent: Command): void {
  parent
    .command('run')
    .description('run the backup service until SIGTERM or SIGINT (a second one ends it at once)')
    .requiredOption('--home <dir>', "the backup service's home directory, as made by backup init")
    .addOption(new Option('--log-level <level>', 'what is logged to stderr').choices(LOG_LEVEL_NAMES).default('info'))
    .addHelpText(
      'after',
      `
Logs one JSON object per line to stderr. Exit code 0 after a signal; run it under a supervisor that restarts it.

Example:
  holdfast backup run --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, logLevel }: { home: string; logLevel: (typeof LOG_LEVEL_NAMES)[number] }) => {
      const { shutdownSignal } = await import('../shutdown.ts')
      const signal = shutdownSignal()
      const [{ createLogger }, { runBackupService }] = await Promise.all([
        import('@holdfast/protocol/log.ts'),
        import('@holdfast/backup-service/run-backup-service.ts'),
      ])
      await runBackupService({ home, signal, log: createLogger({ name: 'backup', level: logLevel }) })
    })
}
