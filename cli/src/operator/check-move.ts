import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { blockTimeNs, liveRecoveries, participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { tlsKeyHolder } from './tls-key-holder.ts'

/** The node that an account is to move to. */
export type Destination = { url: string; tlsKey: Ed25519KeyText; signerKey: Ed25519KeyText }

/** What a planned move would do, for who is about to order it. */
export type Move = {
  from: { url: string; tlsKey: Ed25519KeyText }
  /** A move that is pending already, and would be replaced by this one; the same one again counts as none. */
  replaces: Ed25519KeyText | undefined
  hasBackupService: boolean
}

/**
 * Whether the contract would take this move, by what it shows. Pure.
 * @throws HoldfastError `MOVE_IMPOSSIBLE`, `TLS_KEY_OF_ANOTHER`, saying what to do
 */
export function checkMove(
  view: Pick<ContractView, 'state' | 'migrationInfo' | 'block'>,
  accountId: string,
  { tlsKey }: Destination,
): Move {
  const { state, migrationInfo } = view
  refuseState(view, accountId)
  const present = participantOf(state, accountId)
  if (present === undefined) {
    throw impossible(
      `${accountId} takes no part: a new node asks to be let in by itself, see holdfast vote-new-parameters`,
    )
  }
  const { url, tls_public_key } = present.info
  if (tls_public_key === tlsKey) {
    throw impossible(
      `${tlsKey} is the TLS key of ${accountId}'s present node; the new machine needs keys of its own (holdfast node init), ` +
        'and a mere change of address is the contract’s method update_participant_url',
    )
  }
  const holder = tlsKeyHolder({ state, migrationInfo }, tlsKey)
  if (holder !== undefined && (holder.accountId !== accountId || holder.as === 'backup service')) {
    throw new HoldfastError(
      'TLS_KEY_OF_ANOTHER',
      `refusing to move ${accountId} to the TLS key ${tlsKey}: it is that of ${holder.accountId}'s ${holder.as}; ` +
        'compare it with what the new machine printed (holdfast keys)',
    )
  }
  const [backupService, pending] = migrationInfo[accountId] ?? [null, null]
  const pendingKey = pending?.destination_node_info.tls_public_key
  return {
    from: { url, tlsKey: tls_public_key },
    replaces: pendingKey === tlsKey ? undefined : pendingKey,
    hasBackupService: backupService !== null,
  }
}

function refuseState({ state, block }: Pick<ContractView, 'state' | 'block'>, accountId: string): void {
  switch (state.kind) {
    case 'Running':
      return
    case 'NotInitialized':
      throw impossible('the contract has no participants yet')
    case 'Initializing':
      throw impossible('keys are being generated; order it again once the network is Running (holdfast status)')
    case 'Resharing':
      throw impossible('keys are being reshared; order it again once the network is Running (holdfast status)')
    case 'Recovery': {
      const recoveries = liveRecoveries(state, blockTimeNs(block))
      // Where all have expired, the call itself ends the state.
      if (recoveries.size === 0) return
      throw impossible(
        recoveries.has(accountId)
          ? `${accountId} is recovering as another node already; let that end, or call cancel_recovery`
          : 'an operator is recovering; order it again once the network is Running (holdfast status)',
      )
    }
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}

function impossible(why: string): HoldfastError {
  return new HoldfastError('MOVE_IMPOSSIBLE', `cannot plan this move: ${why}`)
}
