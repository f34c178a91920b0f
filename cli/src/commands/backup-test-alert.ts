import { printable } from '@holdfast/protocol/printable.ts'
import type { Command } from 'commander'
import { CommandExit } from '../command-exit.ts'
import { shutdownSignal } from '../shutdown.ts'

/** `holdfast backup test-alert`: is anybody heard? */
export function addBackupTestAlert(parent: Command): void {
  parent
    .command('test-alert')
    .description('send a test message to every notification target, and say of each whether it arrived')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exits with 9 where a target was not reached. Run it as the backup service's user, with the environment that the service
has where a secret comes from there; then look whether the message arrived: only you can see that.

Example:
  holdfast backup test-alert --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ testAlert }, { EXIT_CODES }] = await Promise.all([
        import('@holdfast/backup-service/notify/test-alert.ts'),
        import('@holdfast/protocol/exit-codes.ts'),
      ])
      const tests = await testAlert(home, shutdownSignal())
      if (json) {
        console.log(JSON.stringify(tests.map(({ name, kind, sent }) => ({ name, kind, ...resultOf(sent) }))))
      } else {
        for (const { name, kind, sent } of tests) {
          const { reached, reason } = resultOf(sent)
          console.log(
            `${reached ? 'reached    ' : 'NOT REACHED'}  ${name} (${kind})${reason === null ? '' : `: ${printable(reason)}`}`,
          )
        }
      }
      if (tests.some(({ sent }) => sent.kind !== 'sent')) throw new CommandExit(EXIT_CODES.checkFailed)
    })
}

function resultOf(sent: { kind: 'sent' } | { kind: 'failed'; reason: string }): {
  reached: boolean
  reason: string | null
} {
  return sent.kind === 'sent' ? { reached: true, reason: null } : { reached: false, reason: sent.reason }
}
