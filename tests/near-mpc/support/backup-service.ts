import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { backupStatus, type BackupStatus } from '@holdfast/backup-service/backup-status.ts'
import { expectRunning, holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { runHoldfast } from '../../support/run-holdfast.ts'
import type { NearMpcNetwork, NearMpcOperator } from './network.ts'

/** A real `holdfast backup run` beside an operator's node. */
export type BackupService = {
  readonly publicKey: string
  /** Waits until `holdfast backup status` says what is asked for. */
  waitFor(what: string, holds: (status: BackupStatus) => boolean): Promise<BackupStatus>
}

const DEADLINE_MS = 120_000

/** `holdfast backup init`, with the AES key that the operator gave to the node, and `holdfast backup run`. */
export async function startBackupService(
  network: NearMpcNetwork,
  operator: NearMpcOperator,
  rpcUrls: readonly string[],
): Promise<BackupService> {
  const { devnet, transcript } = network
  const home = join(devnet.directory, 'backup', operator.name)
  const keyFile = join(devnet.directory, 'backup', `${operator.name}.aes`)
  await writeFile(keyFile, Buffer.from(operator.aesKey).toString('hex'), { mode: 0o600 })
  const made = await runHoldfast([
    ...['backup', 'init', '--home', home, '--account', operator.accountId, '--contract', devnet.contractId],
    ...rpcUrls.flatMap((url) => ['--rpc', url]),
    ...['--keyshares-port', String(devnet.ports.keyshares), '--near-mpc-key-file', keyFile],
    ...['--identity', 'beside', '--json'],
  ])
  if (made.code !== 0) throw new HoldfastError('INIT_FAILED', `holdfast backup init failed: ${made.stderr}`)
  const { public_key: publicKey } = JSON.parse(made.stdout) as { public_key: string }
  const process = devnet.processes.start({
    name: `backup service ${operator.name}`,
    ...holdfastCommand('backup', 'run', '--home', home),
    logFile: join(devnet.directory, 'logs', `backup-${operator.name}.log`),
  })
  transcript.tell(`holdfast ${operator.name}`, `a backup service runs, TLS key ${publicKey}`)
  return {
    publicKey,
    waitFor: (what, holds) => {
      let last: BackupStatus | undefined
      const look = async (): Promise<BackupStatus | undefined> => {
        expectRunning(process)
        last = await backupStatus(home)
        return holds(last) ? last : undefined
      }
      return waitUntil(what, look, { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 250 }).catch(
        (error: unknown) => {
          throw new HoldfastError(
            'WAITED_TOO_LONG',
            `${String(error)}; the status was ${JSON.stringify(last?.summary)}`,
          )
        },
      )
    },
  }
}

/** What the status comes to, in a line. */
export function wordsOf({ level, summary, to_do }: BackupStatus): string {
  return to_do === null ? `${level}: ${summary}` : `${level}: ${summary}; to do: ${to_do}`
}
