import { styleText } from 'node:util'
import type { Verification } from '@holdfast/backup-service/upkeep/checks.ts'
import { NOT_PROVABLE } from '@holdfast/backup-service/proof-words.ts'
import { printable } from '@holdfast/protocol/printable.ts'
import { counted } from '../terminal/plural.ts'

/** What a verification found, for a person: the verdict on what is live first. */
export function renderVerification(result: Verification): string {
  const { scope, live, snapshots, shares, seconds, failures } = result
  const examined =
    `${counted(snapshots, 'snapshot')} opened, ${counted(shares, 'share')} ${live === 'genuine' ? 'proved' : 'checked'} in ${seconds.toFixed(1)} s` +
    (scope === 'live' ? ' (only what a restore would use now; --all opens every snapshot)' : '')
  return [
    verdict(result),
    examined,
    ...failures.map(({ file, message, code }) => failed(printable(`${file}: ${message} (${code})`))),
  ].join('\n')
}

/** Whether what is live can be restored, and nothing else was found wrong. */
export function isSound({ live, failures }: Verification): boolean {
  return failures.length === 0 && live !== 'failed' && live !== 'missing'
}

function verdict({ live, epoch_id }: Verification): string {
  switch (live) {
    case 'genuine':
      return styleText('green', `The shares of epoch ${epoch_id} are genuine: each fits the contract's commitments.`)
    case 'matches-group-key':
      return styleText('green', `Each share of epoch ${epoch_id} ${NOT_PROVABLE}.`) + NO_COMMITMENTS
    case 'missing':
      return failed(
        `No snapshot covers the live keyset of epoch ${epoch_id}: if the node is lost now, so are its shares.`,
      )
    case 'failed':
      return failed(`The snapshot of the live keyset of epoch ${epoch_id} cannot be used.`)
    case 'none':
      return 'The network has no keyset for this account, so nothing has to be restorable now.'
    default:
      live satisfies never
      throw new TypeError('unknown verdict')
  }
}

const NO_COMMITMENTS = ' For that the contract would need the commitments of each key, and it has none for some.'

function failed(text: string): string {
  return styleText('red', text)
}
