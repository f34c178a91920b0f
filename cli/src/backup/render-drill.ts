import { printable } from '@holdfast/protocol/printable.ts'
import { styleText } from 'node:util'
import type { Checks, Drill, Receipt } from '@holdfast/backup-service/upkeep/checks.ts'
import { NOT_PROVABLE } from '@holdfast/backup-service/proof-words.ts'
import { counted } from '../terminal/plural.ts'

/** What a drill came to, for a person, and whether the contract knows. */
export function renderDrill(drill: Drill, receipts: Checks['receipts']): string {
  const { failure, seconds, shares, epoch_id } = drill
  if (failure !== null) {
    return [
      styleText(
        'red',
        `The drill failed after ${seconds.toFixed(1)} s: the shares of epoch ${epoch_id} could not be restored.`,
      ),
      printable(`${failure.message} (${failure.code})`),
    ].join('\n')
  }
  return [
    styleText(
      'green',
      `Restored in ${seconds.toFixed(1)} s: a throwaway node took ${counted(shares, 'share')} of epoch ${epoch_id} and proved that it held them.`,
    ),
    ...(drill.proved_genuine === false ? [NO_PROOF] : []),
    'It is wiped.',
    told(drill, receipts.drilled),
  ].join('\n')
}

const NO_PROOF = `What it holds ${NOT_PROVABLE}: this drill shows that what is stored can be restored, and not that the network signs with it.`

function told({ keyset_digest, ciphertext_sha256 }: Drill, receipt: Receipt | null): string {
  if (receipt?.keyset_digest !== keyset_digest || receipt.ciphertext_sha256 !== ciphertext_sha256)
    return 'The contract takes no receipt for this keyset.'
  switch (receipt.outcome) {
    case 'recorded':
      return 'The contract has the receipt.'
    case 'unsupported':
      return 'This contract takes no receipts.'
    case 'failed':
      return styleText(
        'yellow',
        `The contract could not be told: ${printable(receipt.failure?.message ?? 'no reason was given')}`,
      )
    default:
      receipt.outcome satisfies never
      throw new TypeError('unknown outcome')
  }
}
