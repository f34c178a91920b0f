import type { Command } from 'commander'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** `holdfast backup show`: everything about one snapshot. */
export function addBackupShow(parent: Command): void {
  parent
    .command('show')
    .description('everything that is known of one snapshot, and what was ever found wrong with its files')
    .argument('<snapshot>', 'its id as list prints it, or the start of it')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--json', 'print JSON (schema/show.json)')
    .addHelpText('after', '\nExample:\n  holdfast backup show epoch-5-1f96d5 --home /var/lib/holdfast/backup')
    .action(async (id: string, { home, json }: { home: string; json?: true }) => {
      const [{ withRepository }, { incidentJson, snapshotJson }, { stringifyJson }, { renderFacts }] =
        await Promise.all([
          import('../backup/with-repository.ts'),
          import('../backup/repository-json.ts'),
          import('@holdfast/protocol/json.ts'),
          import('../terminal/facts.ts'),
        ])
      const { snapshots, incidents } = await withRepository(home, (repository) => repository.contents())
      const [found, ...more] = snapshots.filter(({ slot }) => slot.startsWith(id))
      if (found === undefined || more.length > 0) {
        throw new HoldfastError(
          'SNAPSHOT_UNKNOWN',
          `cannot show ${id}: ${found === undefined ? 'no snapshot' : 'more than one snapshot'} starts with it; see holdfast backup list`,
        )
      }
      const own = incidents.filter(({ file }) => file.startsWith(found.slot))
      const all = { ...snapshotJson(found), incidents: own.map(incidentJson) }
      console.log(json ? stringifyJson(all) : renderFacts(all))
    })
}
