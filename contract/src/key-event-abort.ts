import { type Call, requirePhase } from './call.ts'
import { abortKeygen } from './initializing.ts'

/** `vote_abort_key_event_instance`: one participant ends the attempt under way, whichever key event it belongs to. */
export function voteAbortKeyEventInstance(call: Call, input: unknown): void {
  abortKeygen(call, requirePhase(call.ledger.core.read(), 'Initializing'), input)
}
