import { concludedKeyset } from '@holdfast/protocol/concluded-keyset.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

/** Whose shares of which keyset are to be safe now. */
export type Live = { keyset: Keyset; participantId: number }

/** What the view wants backed up for the account; undefined where there is nothing. */
export function liveOf({ state }: Pick<ContractView, 'state'>, accountId: string): Live | undefined {
  const keyset = concludedKeyset(state)
  const participant = participantOf(state, accountId)
  if (keyset === undefined || participant === undefined) return undefined
  return { keyset, participantId: participant.participantId }
}
