import { backupStatus } from '@holdfast/backup-service/backup-status.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest, publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { liveKeyset, participantOf } from '@holdfast/protocol/live-state.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { expectRunning } from './child-processes.ts'
import type { Devnet } from './devnet.ts'
import { type Operator, presentMachine } from './operator.ts'
import { waitUntil } from './wait-until.ts'

const DEADLINE_MS = 120_000

/** Waits until the final state satisfies `holds`. `onView` sees every view on the way. */
export async function waitForView(
  devnet: Devnet,
  what: string,
  holds: (view: ContractView) => boolean,
  onView: (view: ContractView) => void = () => undefined,
): Promise<ContractView> {
  return waitUntil(
    what,
    async () => {
      const view = await devnet.reader.readView(devnet.signal)
      onView(view)
      return holds(view) ? view : undefined
    },
    { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 100 },
  )
}

/** True if the contract names the operator's present machine its node, and no recovery is under way for it. */
export function hasRecovered({ state }: ContractView, operator: Operator): boolean {
  const recovering = state.kind === 'Recovery' && operator.accountId in state.state.recovering
  return (
    !recovering && participantOf(state, operator.accountId)?.info.tls_public_key === presentMachine(operator).tlsKey
  )
}

/** Group keys by domain id, as the contract holds them. */
export function groupKeys({ state }: ContractView): Record<string, string> {
  if (state.kind !== 'Running') {
    throw new HoldfastError('WRONG_STATE', `cannot read the keys: found the state ${state.kind}, expected Running`)
  }
  return Object.fromEntries(
    state.state.keyset.domains.map(({ domain_id, key }) => [String(domain_id), publicKeyText(key)]),
  )
}

/**
 * Waits until an operator's backup service has a verified copy of every live share on disk.
 * @param supervised true where somebody restarts the service if it ends; otherwise its end is the end of the wait.
 */
export async function waitForBackup(
  devnet: Devnet,
  operator: Operator,
  { supervised = false }: { supervised?: boolean } = {},
): Promise<void> {
  const { backup } = operator
  if (backup === undefined) throw new TypeError(`${operator.name} has no backup service yet`)
  await waitUntil(
    `${operator.name}'s backup`,
    async () => {
      if (!supervised) expectRunning(backup.process)
      const [status, view] = [await backupStatus(backup.home), await devnet.reader.readView(devnet.signal)]
      const keyset = liveKeyset(view.state)
      const isLive = keyset !== undefined && status.live_keyset?.keyset_digest === keysetDigest(keyset)
      return status.covered && isLive ? true : undefined
    },
    { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 100 },
  )
}

/** Waits until the final state authorises this TLS key for the account. */
export async function waitForAuthorisation(devnet: Devnet, accountId: string, tlsKey: string): Promise<void> {
  await waitUntil(
    `the authorisation of ${tlsKey} to be final`,
    async () => {
      const authorisation = await devnet.reader.readAuthorization(accountId, devnet.signal)
      return authorisation?.tls_public_key === tlsKey ? true : undefined
    },
    { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 100 },
  )
}
