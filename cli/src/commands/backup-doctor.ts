import type { Command } from 'commander'

/** `holdfast backup doctor`: what is wrong with a backup service, and what to do. */
export function addBackupDoctor(parent: Command): void {
  parent
    .command('doctor')
    .description(
      'examine a backup service, running or not: disk, keys, clock, RPC endpoints, contract, registration, node',
    )
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON (schema/doctor.json)')
    .addHelpText(
      'after',
      `
Changes nothing and sends nothing. It asks the node for the live shares, as the service does, proves them and forgets them: so
it finds out whether port, TLS key, registration and AES key are right (a near/mpc node counts that as a backup served). Each
finding is well, doubtful (the service works, for now) or wrong, with what to do. Exit code 9 if anything is wrong, 0 otherwise.

Example:
  holdfast backup doctor --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ examineBackup }, { BACKUP_SERVICE_METHODS }, { reportFindings }, { shutdownSignal }] = await Promise.all(
        [
          import('@holdfast/backup-service/doctor/examine-backup.ts'),
          import('@holdfast/contract/access-key-methods.ts'),
          import('../terminal/report-findings.ts'),
          import('../shutdown.ts'),
        ],
      )
      const findings = await examineBackup({ home, serviceMethods: BACKUP_SERVICE_METHODS, signal: shutdownSignal() })
      reportFindings(findings, json === true)
    })
}
