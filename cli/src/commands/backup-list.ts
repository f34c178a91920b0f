import type { Command } from 'commander'

/** `holdfast backup list`: what a repository holds. */
export function addBackupList(parent: Command): void {
  parent
    .command('list')
    .description('every snapshot that the repository holds, where it is whole, and how each place is')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON (schema/list.json)')
    .addHelpText(
      'after',
      `
Places on this machine are read now; of others it says what the service found when it last looked.

Example:
  holdfast backup list --home /var/lib/holdfast/backup`,
    )
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const [{ withRepository }, { placeJson, snapshotJson }, { renderContents }, { columnsOf }, { stringifyJson }] =
        await Promise.all([
          import('../backup/with-repository.ts'),
          import('../backup/repository-json.ts'),
          import('../backup/render-contents.ts'),
          import('../terminal/columns.ts'),
          import('@holdfast/protocol/json.ts'),
        ])
      const contents = await withRepository(home, (repository) => repository.contents())
      if (!json) return console.log(renderContents(contents, columnsOf(process.stdout), Date.now()))
      const { snapshots, places, damaged } = contents
      const named = damaged.map(({ place, kind, file, reason }) => ({ place, kind, file, reason }))
      const all = { snapshots: snapshots.map(snapshotJson), places: places.map(placeJson), damaged: named }
      console.log(stringifyJson(all))
    })
}
