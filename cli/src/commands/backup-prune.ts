import type { Command } from 'commander'

type Options = { home: string; dryRun?: true; json?: true }

/** `holdfast backup prune`: destroys what the contract has superseded for long enough. */
export function addBackupPrune(parent: Command): void {
  parent
    .command('prune')
    .description('destroy the keys of snapshots that the contract superseded longer ago than the grace time')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--dry-run', 'only say what would go, and why the rest stays')
    .option('--json', 'print JSON (schema/prune.json)')
    .addHelpText(
      'after',
      `
A snapshot with a share of the live keyset never goes, nor does anything while the live keyset is not stored in as many places as
must hold it. The service does the same by itself, unless retention.automatic is false; it may run meanwhile. Copies that were
made elsewhere are not destroyed. Exits with 9 where something could not be destroyed everywhere yet.

Examples:
  holdfast backup prune --home /var/lib/holdfast/backup --dry-run
  holdfast backup prune --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, dryRun, json }: Options) => {
      const [{ withRepository }, { plannedJson }, { renderPrune }, { stringifyJson }, { EXIT_CODES }] =
        await Promise.all([
          import('../backup/with-repository.ts'),
          import('../backup/repository-json.ts'),
          import('../backup/render-prune.ts'),
          import('@holdfast/protocol/json.ts'),
          import('@holdfast/protocol/exit-codes.ts'),
        ])
      const result = await withRepository(home, async (repository, say, signal) => {
        say('reading the contract')
        const { planned, view } = await repository.plan(signal)
        say('destroying what is due')
        const done = dryRun ? { shredded: [], unfinished: [] } : await repository.prune(view, signal)
        return {
          dry_run: dryRun === true,
          live_epoch_id: view.keyset.epoch_id,
          snapshots: planned.map(plannedJson),
          destroyed: done.shredded,
          unfinished: done.unfinished,
        }
      })
      console.log(json ? stringifyJson(result) : renderPrune(result))
      if (result.unfinished.length > 0) process.exitCode = EXIT_CODES.checkFailed
    })
}
