import { printable } from '@holdfast/protocol/printable.ts'
import { counted } from '../terminal/plural.ts'
import { renderTable } from '../terminal/table.ts'
import type { plannedJson } from './repository-json.ts'

type Pruned = {
  dry_run: boolean
  live_epoch_id: bigint
  snapshots: ReturnType<typeof plannedJson>[]
  destroyed: string[]
  unfinished: string[]
}

/** What went or would go, and why the rest stays, for a person. */
export function renderPrune({ dry_run, live_epoch_id, snapshots, destroyed, unfinished }: Pruned): string {
  const rows = snapshots.map(({ id, epoch_id, ...planned }) => [id, String(epoch_id), reasonOf(planned, dry_run)])
  const due = snapshots.filter(({ fate }) => fate === 'due').length
  return [
    `The live epoch is ${live_epoch_id}.`,
    renderTable(['snapshot', 'epoch', ''], rows),
    '',
    dry_run
      ? `${counted(due, 'snapshot')} would be destroyed; nothing was changed.`
      : `${counted(destroyed.length, 'snapshot')} destroyed. Copies that were made elsewhere are not.`,
    ...unfinished.map((reason) => printable(`Not finished yet: ${reason}`)),
  ].join('\n')
}

function reasonOf(
  { fate, superseded_at, until }: Omit<Pruned['snapshots'][number], 'id' | 'epoch_id'>,
  isDryRun: boolean,
) {
  switch (fate) {
    case 'live':
      return 'stays: it has a share of the live keyset'
    case 'ahead':
      return 'stays: it is of a later epoch than the contract shows'
    case 'grace':
      return `stays until ${until}: superseded at ${superseded_at}`
    case 'held-back':
      return 'stays: the live keyset is not stored in enough places'
    case 'due':
      return `${isDryRun ? 'would go' : 'goes'}: superseded at ${superseded_at}`
    default:
      fate satisfies never
      throw new TypeError('unknown fate')
  }
}
