import { printable } from '@holdfast/protocol/printable.ts'
import { join } from 'node:path'
import type { Command } from 'commander'

type Options = { home: string; from: string; json?: true }

/** `holdfast backup import-near-mpc`: takes over what near/mpc's backup-cli has kept. */
export function addBackupImportNearMpc(parent: Command): void {
  parent
    .command('import-near-mpc')
    .description("take the live shares out of the home directory of near/mpc's backup-cli into the repository")
    .requiredOption('--home <dir>', "the backup service's home directory")
    .requiredOption('--from <dir>', "backup-cli's home directory: secrets.json, key, permanent_keys/; it is only read")
    .option('--json', 'print JSON (schema/import-near-mpc.json)')
    .addHelpText(
      'after',
      `
Only shares that the live keyset names are taken, each proved; a superseded epoch or attempt and another participant's shares
are refused by name. Where the node still runs this is not needed: the service fetches from it. Afterwards destroy the old
home: its secrets.json opens its files.

Example:
  holdfast backup import-near-mpc --home /var/lib/holdfast/backup --from /var/lib/backup-cli`,
    )
    .action(async ({ home, from, json }: Options) => {
      const [{ withUpkeep }, { stringifyJson }, { counted }] = await Promise.all([
        import('../backup/with-upkeep.ts'),
        import('@holdfast/protocol/json.ts'),
        import('../terminal/plural.ts'),
      ])
      const { file, snapshot, refused } = await withUpkeep(home, (upkeep, say, signal) => {
        say(`reading ${from}`)
        return upkeep.importFrom(from, signal)
      })
      const { epochId, keysetDigest, keys } = snapshot
      if (json) {
        const about = { file, epoch_id: epochId, keyset_digest: keysetDigest, shares: keys.length, refused }
        return console.log(stringifyJson(about))
      }
      const others = refused
        .map((each) => `\nNot taken: ${each.file}: ${each.reason} (${each.code})`)
        .map(printable)
        .join('')
      console.log(
        `Imported ${counted(keys.length, 'share')} of epoch ${epochId} from the file ${join(from, file)}, as ${snapshot.data.file}.${others}`,
      )
    })
}
