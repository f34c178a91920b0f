import type { NodeAuthorization } from '@holdfast/protocol/contract-state.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { networkFacts, type NetworkFacts } from './network-view.ts'

export type WatchOptions = {
  reader: Pick<ReadContract, 'readAuthorization' | 'viewMethod'>
  accountId: string
  onAuthorisation: (found: NodeAuthorization) => void
  onRecoverability: (found: NetworkFacts) => void
  everyMs?: number
  /** A contract without the view, such as near/mpc's, is asked so seldom: it may be upgraded. */
  whereMissingMs?: number
  signal: AbortSignal
}

/** An authorisation stands for hours, a level for minutes: asked with every block they would double what is asked at all. */
const EVERY_MS = 15_000
const WHERE_MISSING_MS = 10 * 60_000

/**
 * Reads what the state does not say: the authorisation of a new node, and what the backups of the network are worth. Ends
 * with `signal`. What cannot be read now is read later; that the chain is silent, the state's own observer says.
 */
export async function watchOperator(options: WatchOptions): Promise<void> {
  const { reader, accountId, everyMs = EVERY_MS, whereMissingMs = WHERE_MISSING_MS, signal } = options
  await Promise.all([
    again(async () => options.onAuthorisation(await reader.readAuthorization(accountId, signal))),
    again(async () => {
      const found = networkFacts(await reader.viewMethod('recoverability', {}, signal))
      if (found !== undefined) options.onRecoverability(found)
    }),
  ])

  async function again(look: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const wait = await look().then(
        () => everyMs,
        (error: unknown) => (isHoldfastError(error, 'CONTRACT_UNREADABLE') ? whereMissingMs : everyMs),
      )
      await sleep(wait, signal).catch(() => undefined)
    }
  }
}
