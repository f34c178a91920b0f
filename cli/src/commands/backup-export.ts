import type { Command } from 'commander'

type Options = { home: string; to: string; json?: true }

/** `holdfast backup export`: a copy of everything. */
export function addBackupExport(parent: Command): void {
  parent
    .command('export')
    .description('copy every snapshot and every signed manifest into a new directory, each file checked')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .requiredOption('--to <dir>', 'the directory to make; it must not exist yet')
    .option('--json', 'print JSON (schema/export.json)')
    .addHelpText(
      'after',
      `
The copy is encrypted like the original, has SHA256SUMS beside it, and can be restored from by hand: docs/restore-by-hand.md. What
is exported is out of reach of prune.

Example:
  holdfast backup export --home /var/lib/holdfast/backup --to /media/stick/holdfast-2026-11-21`,
    )
    .action(async ({ home, to, json }: Options) => {
      const [{ withRepository }, { stringifyJson }, { counted }] = await Promise.all([
        import('../backup/with-repository.ts'),
        import('@holdfast/protocol/json.ts'),
        import('../terminal/plural.ts'),
      ])
      const exported = await withRepository(home, (repository, say, signal) =>
        repository.exportTo(to, (done, total) => say(`copying file ${done + 1} of ${total}`), signal),
      )
      if (json) return console.log(stringifyJson(exported))
      const { directory, files, snapshots } = exported
      console.log(`Exported ${counted(snapshots, 'snapshot')} in ${counted(files, 'file')} to ${directory}.
Check it there with: sha256sum -c SHA256SUMS`)
    })
}
