import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { PUBLIC_NETWORKS } from '../near/networks.ts'
import { type Home, readHome } from './read-home.ts'

/** Whom an operator's command is about: from its options, and for what they leave out from the home. */
export type Target = {
  accountId: string
  contractId: string
  rpcUrls: string[]
  /** near-cli-rs's name of the network, for commands that are printed. */
  network: string
}

/** @throws HoldfastError `USAGE` naming the option that is missing. */
export function resolveTarget(options: OperatorOptions, home: Home | undefined): Target {
  const rpcUrls = options.rpc ?? home?.rpcUrls ?? (options.dryRun ? [] : missing('--rpc'))
  return {
    accountId: options.account ?? home?.accountId ?? missing('--account'),
    contractId: options.contract ?? home?.contractId ?? missing('--contract'),
    rpcUrls,
    network: options.network ?? nearCliNetwork(home?.chainId, rpcUrls),
  }
}

/** near-cli-rs's name of the network: that of a public chain where it is known, else a guess by where the endpoints are. */
export function nearCliNetwork(chainId: string | undefined, rpcUrls: readonly string[]): string {
  const known = PUBLIC_NETWORKS.find((name) => name === chainId)
  if (known !== undefined) return known
  return rpcUrls.length > 0 && rpcUrls.every(isOnThisMachine) ? 'localnet' : 'mainnet'
}

function isOnThisMachine(url: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])$/.test(new URL(url).hostname)
}

/**
 * The service keys a command names: a home's, or both given as options.
 * @throws HoldfastError `USAGE` if neither or both; `HOME_OF_OTHER_KIND` for a home of the other service.
 */
export async function resolveKeys(
  options: { home?: string; tlsKey?: Ed25519KeyText | string; signerKey?: Ed25519KeyText | string },
  kind: Home['kind'],
): Promise<{ tlsKey: Ed25519KeyText; signerKey: Ed25519KeyText; home: Home | undefined }> {
  const { home: directory, tlsKey, signerKey } = options
  if (directory === undefined) {
    if (tlsKey === undefined || signerKey === undefined) missing('--home, or both --tls-key and --signer-key')
    return { tlsKey: tlsKey as Ed25519KeyText, signerKey: signerKey as Ed25519KeyText, home: undefined }
  }
  if (tlsKey !== undefined || signerKey !== undefined) {
    throw new HoldfastError('USAGE', 'the keys are named twice: give --home, or --tls-key and --signer-key, not both')
  }
  const home = await readHome(directory)
  if (home.kind !== kind) {
    throw new HoldfastError(
      'HOME_OF_OTHER_KIND',
      `${directory} is the home of a ${home.kind}, expected that of a ${kind}`,
    )
  }
  return { tlsKey: home.tlsPublicKey, signerKey: home.signerPublicKey, home }
}

function missing(option: string): never {
  throw new HoldfastError('USAGE', `missing option: ${option}; see --help`)
}
