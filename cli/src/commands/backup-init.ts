import type { Command } from 'commander'
import { accountId, port, rpcUrls, wholeNumber } from '../options.ts'
import { shutdownSignal } from '../shutdown.ts'

/** For each question to an endpoint. */
const PROBE_TIMEOUT_MS = 5_000

type Options = {
  home: string
  account: string
  contract: string
  chainId?: string
  rpc: string[]
  rpcQuorum?: number
  keysharesPort: number
  pollMs: number
  maxViewAge: number
  repository: string
  nearMpcKeyFile?: string
  json?: true
}

/** `holdfast backup init`: makes a backup service's home, with new keys. */
export function addBackupInit(parent: Command): void {
  parent
    .command('init')
    .description("make a backup service's home directory with new keys; prints what the operator must register")
    .requiredOption('--home <dir>', "the backup service's home directory; must not have keys yet")
    .requiredOption('--account <id>', "the operator's NEAR account", accountId)
    .requiredOption('--contract <id>', "the network's contract", accountId)
    .requiredOption(
      '--rpc <url>',
      'a NEAR RPC endpoint (not your MPC node); repeat it, with different providers',
      rpcUrls,
    )
    .option('--chain-id <id>', 'what the endpoints must follow, such as mainnet (default: what they say)')
    .option('--rpc-quorum <n>', 'how many endpoints must agree (default: a majority)', wholeNumber(1, 100))
    .option('--keyshares-port <port>', "the port of the node's key-share listener", port, 8079)
    .option('--poll-ms <ms>', 'time between two looks at the chain', wholeNumber(50, 60_000), 1_000)
    .option('--max-view-age <seconds>', 'act on no view older than this', wholeNumber(1, 86_400), 300)
    .option('--repository <dir>', 'where the encrypted shares go; relative to the home', 'repository')
    .option('--near-mpc-key-file <file>', 'only with a near/mpc node: the file with its backup encryption key (64 hex)')
    .option('--json', 'print the public keys as JSON')
    .addHelpText(
      'after',
      `
Run it on another machine than the node's.

Example:
  holdfast backup init --home /var/lib/holdfast/backup --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --rpc https://near.example.net
  holdfast register --home /var/lib/holdfast/backup --key-file alice.near.json`,
    )
    .action(async (options: Options) => {
      const { initBackupService } = await import('@holdfast/backup-service/init-backup-service.ts')
      const { chooseQuorum, warnOfOneEndpoint } = await import('../rpc-quorum.ts')
      const { findChain } = await import('@holdfast/backup-service/freshness/find-chain.ts')
      const { chainId, notes } = await findChain({
        urls: options.rpc,
        contractId: options.contract,
        chainId: options.chainId,
        timeoutMs: PROBE_TIMEOUT_MS,
        signal: shutdownSignal(),
      })
      for (const note of notes) console.error(`note: the RPC endpoint ${note}`)
      const config = {
        account_id: options.account,
        contract_id: options.contract,
        ...(chainId !== undefined && { chain_id: chainId }),
        rpc_urls: options.rpc,
        rpc_quorum: chooseQuorum(options.rpcQuorum, options.rpc.length),
        keyshares_port: options.keysharesPort,
        poll_interval_ms: options.pollMs,
        max_view_age_seconds: options.maxViewAge,
        repository: options.repository,
        ...(options.nearMpcKeyFile !== undefined && { near_mpc_key_file: options.nearMpcKeyFile }),
      }
      const made = await initBackupService({ home: options.home, config })
      warnOfOneEndpoint(options.rpc.length)
      if (options.json) {
        console.log(JSON.stringify({ public_key: made.tlsPublicKey, signer_account_pk: made.signerPublicKey }))
        return
      }
      console.log(`Made a backup service for ${options.account} in ${options.home}:
  TLS key     ${made.tlsPublicKey}
  signer key  ${made.signerPublicKey}

Copy ${options.home}/age-identity.txt to a place of its own: it opens the backups, and nothing else does.

Next, with ${options.account}'s full-access key:
  holdfast register --home ${options.home} --key-file KEY_FILE
  holdfast backup run --home ${options.home}`)
    })
}
