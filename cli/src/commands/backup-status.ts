import type { Command } from 'commander'
import { CommandExit } from '../command-exit.ts'

/** `holdfast backup status`: what the backup service last wrote down about itself. */
export function addBackupStatus(parent: Command): void {
  parent
    .command('status')
    .description('what the backup service on this machine holds, and its last error; also while it does not run')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON (schema/status.json)')
    .addHelpText(
      'after',
      '\nExits with 9 where the service does not run or its level is critical.\n\nExample:\n  holdfast backup status --home /var/lib/holdfast/backup',
    )
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ backupStatus }, { EXIT_CODES }, { stringifyJson }, { renderBackupStatus }, { columnsOf }] =
        await Promise.all([
          import('@holdfast/backup-service/backup-status.ts'),
          import('@holdfast/protocol/exit-codes.ts'),
          import('@holdfast/protocol/json.ts'),
          import('../backup/render-status.ts'),
          import('../terminal/columns.ts'),
        ])
      const status = await backupStatus(home)
      const columns = columnsOf(process.stdout)
      console.log(json ? stringifyJson(status) : renderBackupStatus(status, columns, Date.now()))
      if (!status.running || status.level === 'critical') throw new CommandExit(EXIT_CODES.checkFailed)
    })
}
