import type { Command } from 'commander'
import { CommandExit } from '../command-exit.ts'

type Options = { home: string; all?: true; json?: true }

/** `holdfast backup verify`: opens snapshots and proves their shares against the chain. */
export function addBackupVerify(parent: Command): void {
  parent
    .command('verify')
    .description("decrypt what a restore would use and prove every share against the contract's commitments")
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--all', 'every snapshot, superseded epochs too')
    .option('--json', 'print JSON (schema/verify.json)')
    .addHelpText(
      'after',
      `
The service does the same by itself with --all, every verify_interval_hours. It may run meanwhile. Exits with 9 where something
cannot be used, or the live keyset has no snapshot.

Example:
  holdfast backup verify --home /var/lib/holdfast/backup --all`,
    )
    .action(async ({ home, all, json }: Options) => {
      const [{ withUpkeep }, { isSound, renderVerification }, { EXIT_CODES }, { stringifyJson }] = await Promise.all([
        import('../backup/with-upkeep.ts'),
        import('../backup/render-verification.ts'),
        import('@holdfast/protocol/exit-codes.ts'),
        import('@holdfast/protocol/json.ts'),
      ])
      const { verification } = await withUpkeep(home, async (upkeep, say, signal) => {
        say('reading the contract')
        return upkeep.perform({ kind: 'verify', scope: all ? 'all' : 'live' }, await upkeep.sight(signal), signal)
      })
      if (verification === null) throw new TypeError('a verification leaves a result')
      console.log(json ? stringifyJson(verification) : renderVerification(verification))
      if (!isSound(verification)) throw new CommandExit(EXIT_CODES.checkFailed)
    })
}
