import type { Command } from 'commander'

/** `holdfast keys`: the public keys of a home. */
export function addKeys(parent: Command): void {
  parent
    .command('keys')
    .description('the public keys of a node or backup service on this machine; never a secret')
    .requiredOption('--home <dir>', 'the home directory of a node or a backup service')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  holdfast keys --home /var/lib/holdfast/node')
    .action(async ({ home, json }: { home: string; json?: true }) => {
      const { readHome } = await import('../operator/read-home.ts')
      const { kind, accountId, contractId, tlsPublicKey, signerPublicKey } = await readHome(home)
      if (json) {
        const line = {
          kind,
          account_id: accountId,
          contract_id: contractId,
          tls_public_key: tlsPublicKey,
          signer_account_pk: signerPublicKey,
        }
        console.log(JSON.stringify(line))
        return
      }
      console.log(`${kind} of ${accountId}, contract ${contractId}
TLS key     ${tlsPublicKey}
signer key  ${signerPublicKey}`)
    })
}
