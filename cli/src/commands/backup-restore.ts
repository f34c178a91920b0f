import type { Command } from 'commander'
import type { Delivered } from '@holdfast/backup-service/delivered.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { hostAndPort, publicKey, type HostAndPort } from '../options.ts'

type Options = { home: string; to: HostAndPort; key: Ed25519KeyText; json?: true }

/** `holdfast backup restore`: what the service does by itself, to an address that a person gives. */
export function addBackupRestore(parent: Command): void {
  parent
    .command('restore')
    .description('deliver the live shares to the new node that the contract names, at an address given by hand')
    .requiredOption('--home <dir>', "the backup service's home directory")
    .requiredOption('--to <host:port>', "the node's key-share port (8079 unless configured)", hostAndPort)
    .requiredOption('--key <key>', "the new node's TLS key: the one that the contract must name", publicKey)
    .option('--json', 'print JSON (schema/restore.json)')
    .addHelpText(
      'after',
      `
Only needed where the running service cannot reach the node by the url in the contract. The same checks hold: the contract
must name exactly this key as the account's new node, by a recovery or a migration. To give the key is to approve the restore; what was denied stays so.

Example:
  holdfast backup restore --home /var/lib/holdfast/backup --to 10.0.0.7:8079 --key ed25519:…`,
    )
    .action(async ({ home, to, key, json }: Options) => {
      const [{ withUpkeep }, { NOT_PROVABLE }, { stringifyJson }, { counted }] = await Promise.all([
        import('../backup/with-upkeep.ts'),
        import('@holdfast/backup-service/proof-words.ts'),
        import('@holdfast/protocol/json.ts'),
        import('../terminal/plural.ts'),
      ])
      const { epochId, keysetDigest, shares, delivery, provedGenuine } = await withUpkeep(
        home,
        (upkeep, say, signal) => {
          say(`restoring to ${to.host}:${to.port}`)
          return upkeep.restoreTo({ ...to, tlsPublicKey: key }, signal)
        },
      )
      if (json) {
        const to = { destination_tls_public_key: key, delivery, proved_genuine: provedGenuine }
        console.log(stringifyJson({ epoch_id: epochId, keyset_digest: keysetDigest, shares, ...to }))
        return
      }
      const proof = provedGenuine ? '' : ` Each ${NOT_PROVABLE}.`
      console.log(`Delivered ${counted(shares, 'share')} of epoch ${epochId} to ${key}${SURE[delivery]}.${proof}
The node concludes by itself; see holdfast backup status.`)
    })
}

const SURE = {
  confirmed: ', and confirmed it in the contract',
  'read-back': ', and read them back from it',
  said: '. It said that it received them; it does not serve them, so more is not known',
} as const satisfies Record<Delivered, string>
