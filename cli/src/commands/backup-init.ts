import type { Command } from 'commander'
import { identitySource, meaningOf, passphraseSource } from '../backup/identity-option.ts'
import type { PlaceConfig } from '@holdfast/backup-service/place-config.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
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
  place: string[]
  durableCopies?: number
  graceDays?: number
  identity: ReturnType<typeof identitySource>
  identityArg: string[]
  passphrase?: ReturnType<typeof passphraseSource>
  recoveryRecipient: string[]
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
    .requiredOption(
      '--identity <where>',
      'the key that opens the backups: beside (the backups), file=PATH, passphrase=PATH, env=VARIABLE or command=PROGRAM',
      identitySource,
    )
    .option('--identity-arg <text>', 'an argument of that program; repeat it', collect, [])
    .option(
      '--passphrase <where>',
      'where the passphrase comes from: prompt, file=PATH or env=VARIABLE',
      passphraseSource,
    )
    .option(
      '--recovery-recipient <age1pq1…>',
      'another key that opens the backups, kept offline; repeat it',
      collect,
      [],
    )
    .option('--repository <dir>', 'where the encrypted shares go; relative to the home', 'repository')
    .option(
      '--place <where>',
      'where they go too: a directory, or a .json file that describes S3; repeat it',
      collect,
      [],
    )
    .option('--durable-copies <n>', 'how many places must hold a backup (default: all)', wholeNumber(1, 100))
    .option('--grace-days <n>', 'how long superseded backups stay (default: 30)', wholeNumber(1, 3_650))
    .option('--near-mpc-key-file <file>', 'only with a near/mpc node: the file with its backup encryption key (64 hex)')
    .option('--json', 'print the public keys as JSON')
    .addHelpText(
      'after',
      `
Run it on another machine than the node's. With --identity beside the key lies with what it opens: the backups then are safe
against a lost node, not against a stolen disk. A file that --identity names is made if there is none.

Example:
  holdfast backup init --home /var/lib/holdfast/backup --account alice.near --contract mpc.near \\
    --rpc https://rpc.example.org --rpc https://near.example.net --identity beside
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
        ...(await placesOf(options)),
        age_identity: identityOf(options),
        ...(options.recoveryRecipient.length > 0 && { recovery_recipients: options.recoveryRecipient }),
        ...(options.graceDays !== undefined && { retention: { grace_days: options.graceDays, automatic: true } }),
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

${meaningOf(config.age_identity, made.ageIdentitySource)}

Next, with ${options.account}'s full-access key:
  holdfast register --home ${options.home} --key-file KEY_FILE
  holdfast backup run --home ${options.home}`)
    })
}

function collect(text: string, previous: string[]): string[] {
  return [...previous, text]
}

function identityOf({ identity, identityArg, passphrase }: Options): Options['identity'] {
  if (identity.kind !== 'command' && identityArg.length > 0) throw misplaced('--identity-arg', 'command=PROGRAM')
  if (identity.kind !== 'passphrase' && passphrase !== undefined) throw misplaced('--passphrase', 'passphrase=PATH')
  switch (identity.kind) {
    case 'command':
      return { ...identity, argv: [...identity.argv, ...identityArg] }
    case 'passphrase':
      return { ...identity, passphrase: passphrase ?? identity.passphrase }
    case 'file':
    case 'environment':
      return identity
    default:
      identity satisfies never
      throw new TypeError('unknown source')
  }
}

function misplaced(option: string, source: string): HoldfastError {
  return new HoldfastError('USAGE', `${option} goes with --identity ${source} only`)
}

/** One directory stands in the config as it always did; several places as a list. */
async function placesOf({ repository, place, durableCopies }: Options) {
  const copies = durableCopies === undefined ? {} : { durable_copies: durableCopies }
  if (place.length === 0) return { repository, ...copies }
  const [{ readFile }, { parseJson }] = await Promise.all([
    import('node:fs/promises'),
    import('@holdfast/protocol/json.ts'),
  ])
  const further = await Promise.all(
    place.map(async (where) =>
      where.endsWith('.json')
        ? (parseJson(await readFile(where, 'utf8'), where, 'CONFIG_INVALID') as PlaceConfig)
        : { kind: 'directory' as const, path: where },
    ),
  )
  return { places: [{ kind: 'directory' as const, path: repository }, ...further], ...copies }
}
