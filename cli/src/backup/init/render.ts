import type { InitResult } from '@holdfast/backup-service/init-backup-service.ts'
import type { Network } from '@holdfast/backup-service/network/port.ts'
import type { Finding } from '@holdfast/protocol/doctor/finding.ts'
import { printable } from '@holdfast/protocol/printable.ts'
import { columnsOf } from '../../terminal/columns.ts'
import { renderFindings } from '../../terminal/findings.ts'
import { meaningOf } from '../identity-option.ts'
import type { ImportOutcome } from './import-shares.ts'
import type { InitOptions } from './options.ts'

export type MadeHome = {
  options: InitOptions
  made: InitResult
  /** Undefined where the contract could not be read. */
  network: Network | undefined
  chainId: string | undefined
  registered: boolean
  nearCli: readonly string[]
  imported: ImportOutcome | undefined
}

/** What was made, what it means, and how to register it. */
export function renderMade({ options, made, network, chainId, registered, nearCli, imported }: MadeHome): string {
  const { account, home, adopt, identity } = options
  const label = network?.label ?? 'not known yet (the contract cannot be read)'
  const where = chainId === undefined ? label : `${label}, on ${printable(chainId)}`
  const blocks = [
    [
      `Made a backup service for ${account} in ${home}:`,
      `  network     ${where}`,
      `  TLS key     ${made.tlsPublicKey}${adopt === undefined ? '' : ' (taken over)'}`,
      ...(network?.kind === 'near-mpc' ? [] : [`  signer key  ${made.signerPublicKey}`]),
    ].join('\n'),
    meaningOf(identity, made.ageIdentitySource),
  ]
  if (imported !== undefined) blocks.push(`${printable(imported.sentence)}\n${beside(adopt ?? '')}`)
  blocks.push(
    registered
      ? 'It is registered already: nothing is to be done in the contract.'
      : register(options, nearCli, network !== undefined),
  )
  return `${blocks.join('\n\n')}\n`
}

/** Two services with one key: the node cannot tell them apart, and the last delivery wins (near-mpc.md 4.8). */
function beside(adopted: string): string {
  return (
    `${adopted} was only read. backup-cli run may go on beside this service, for it only reads; never run backup-cli\n` +
    'put-keyshares while this service runs: the node keeps what it was given last.'
  )
}

function register({ home, account }: InitOptions, nearCli: readonly string[], isKnown: boolean): string {
  return [
    `Register it, with ${account}'s full-access key, which must not come to this machine:`,
    ...nearCli.map((command) => `  ${command}`),
    `or, where the key is a file and this home can be read: holdfast register --home ${home} --key-file KEY_FILE`,
    ...(isKnown
      ? []
      : ["This is for Holdfast's contract; if it is near/mpc's, repeat backup init once the contract can be read."]),
  ].join('\n')
}

/** What is left to do, and how to start. */
export function renderReady(home: string, findings: readonly Finding[], registered: boolean): string {
  const examined = renderFindings(findings, columnsOf(process.stdout), 'open')
  const start = registered ? 'Start it' : 'Once it is registered, start it'
  return `${examined}\n\n${start}, by hand or as a service (backup-service/README.md):\n  holdfast backup run --home ${home}`
}
