import type { Command } from 'commander'
import { CommandExit } from '../command-exit.ts'

type Options = { home: string; json?: true }

/** `holdfast backup drill`: restores to a throwaway node, so that a recovery is not the first time. */
export function addBackupDrill(parent: Command): void {
  parent
    .command('drill')
    .description(
      'restore the live shares to a throwaway node on this machine, have it prove that it holds them, wipe it',
    )
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON (schema/drill.json)')
    .addHelpText(
      'after',
      `
The service does the same by itself for every new keyset and every drill_interval_hours. It may run meanwhile. Nothing of the
real node is touched. Exits with 9 where the drill failed.

Example:
  holdfast backup drill --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, json }: Options) => {
      const [{ withUpkeep }, { renderDrill }, { EXIT_CODES }, { stringifyJson }] = await Promise.all([
        import('../backup/with-upkeep.ts'),
        import('../backup/render-drill.ts'),
        import('@holdfast/protocol/exit-codes.ts'),
        import('@holdfast/protocol/json.ts'),
      ])
      const { drill, receipts } = await withUpkeep(home, async (upkeep, say, signal) => {
        say('reading the contract')
        return upkeep.perform({ kind: 'drill' }, await upkeep.sight(signal), signal)
      })
      if (drill === null) throw new TypeError('a drill leaves a result')
      console.log(json ? stringifyJson({ ...drill, receipt: receipts.drilled }) : renderDrill(drill, receipts))
      if (drill.failure !== null) throw new CommandExit(EXIT_CODES.checkFailed)
    })
}
