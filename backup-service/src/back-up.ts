import { concludedKeysetJson } from '@holdfast/protocol/concluded-keyset.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Decision } from './decide.ts'
import type { FetchShares } from './ports.ts'
import type { Repository } from './repository/repository.ts'
import type { Snapshot } from './repository/snapshot.ts'

/**
 * Fetches the node's shares of the concluded keyset and keeps them (protocol.md 3, Backup). The repository proves them before
 * and after writing.
 */
export async function backUp(
  decision: Extract<Decision, { kind: 'backup' }>,
  view: ContractView,
  node: FetchShares,
  repository: Pick<Repository, 'store'>,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { keyset, participantId } = decision
  const keyshares = await node.fetchShares(decision.node, concludedKeysetJson(view.stateJson), signal)
  return repository.store({ keyset, participantId, keyshares }, signal)
}
