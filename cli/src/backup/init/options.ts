import type { BackupConfig } from '@holdfast/backup-service/config.ts'
import type { PlaceConfig } from '@holdfast/backup-service/place-config.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { chooseQuorum } from '../../rpc-quorum.ts'
import type { PUBLIC_NETWORKS } from '../../near/networks.ts'
import type { identitySource, passphraseSource } from '../identity-option.ts'

export type InitOptions = {
  home: string
  account: string
  contract: string
  network?: (typeof PUBLIC_NETWORKS)[number]
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
  adopt?: string
  /** Undefined where neither --wait nor --no-wait is given. */
  wait?: boolean
  json?: true
}

/** The chain that the endpoints must follow; undefined where any will do. @throws HoldfastError `USAGE` */
export function askedChain({ network, chainId }: Pick<InitOptions, 'network' | 'chainId'>): string | undefined {
  if (network !== undefined && chainId !== undefined && network !== chainId) {
    throw new HoldfastError('USAGE', `--network ${network} and --chain-id ${chainId} contradict each other; give one`)
  }
  return network ?? chainId
}

/** The config that the options ask for. `found` is what they leave to be found out. @throws HoldfastError `USAGE` */
export async function configOf(
  options: InitOptions,
  found: { chainId: string | undefined; nearMpcKeyFile: string | undefined },
): Promise<BackupConfig> {
  return {
    account_id: options.account,
    contract_id: options.contract,
    ...(found.chainId !== undefined && { chain_id: found.chainId }),
    rpc_urls: options.rpc,
    rpc_quorum: chooseQuorum(options.rpcQuorum, options.rpc.length),
    keyshares_port: options.keysharesPort,
    poll_interval_ms: options.pollMs,
    max_view_age_seconds: options.maxViewAge,
    ...(await placesOf(options)),
    age_identity: identityOf(options),
    ...(options.recoveryRecipient.length > 0 && { recovery_recipients: options.recoveryRecipient }),
    ...(options.graceDays !== undefined && { retention: { grace_days: options.graceDays, automatic: true } }),
    ...(found.nearMpcKeyFile !== undefined && { near_mpc_key_file: found.nearMpcKeyFile }),
  }
}

function identityOf({ identity, identityArg, passphrase }: InitOptions): InitOptions['identity'] {
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
async function placesOf({ repository, place, durableCopies }: InitOptions) {
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
