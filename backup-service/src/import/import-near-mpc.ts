import { coveringSnapshot } from '../decide.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Repository } from '../repository/repository.ts'
import type { Snapshot } from '../repository/snapshot.ts'
import type { Live } from '../upkeep/live.ts'
import { chooseShares } from './choose-shares.ts'
import { readNearMpcHome, type UnreadableFile } from './near-mpc-home.ts'

export type Imported = { file: string; snapshot: Snapshot; refused: UnreadableFile[] }

/**
 * Takes the shares of the live keyset out of a home of near/mpc's backup-cli into the repository, sealed, written and proved as
 * any backup. That home is only read.
 * @throws HoldfastError `NEAR_MPC_HOME_INVALID`, `NOTHING_TO_IMPORT`, `ALREADY_BACKED_UP`, and those of `Repository.store`
 */
export async function importNearMpc(
  from: string,
  live: Live | undefined,
  repository: Pick<Repository, 'contents' | 'store'>,
  signal: AbortSignal,
): Promise<Imported> {
  if (live === undefined) {
    throw new HoldfastError(
      'NOTHING_TO_IMPORT',
      'cannot import: the contract has no keyset for this account, so that no share could be proved; check account_id and contract_id',
    )
  }
  const { chosen, refused } = chooseShares(await readNearMpcHome(from), live)
  const { snapshots } = await repository.contents()
  const covering = coveringSnapshot(live.keyset, live.participantId, snapshots)
  if (covering !== undefined) {
    throw new HoldfastError(
      'ALREADY_BACKED_UP',
      `nothing to import: ${covering.data.file} covers the live keyset of epoch ${live.keyset.epoch_id} already, and ` +
        `${chosen.file} there holds the same shares`,
    )
  }
  const snapshot = await repository.store({ ...live, keyshares: chosen.keyshares }, signal)
  return { file: chosen.file, snapshot, refused }
}
