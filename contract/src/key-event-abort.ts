import { type Call, requirePhase } from './call.ts'
import { abortKeygen } from './initializing.ts'
import { abortReshare } from './resharing.ts'

/** `vote_abort_key_event_instance`: one participant ends the attempt under way, whichever key event it belongs to. */
export function voteAbortKeyEventInstance(call: Call, input: unknown): void {
  const phase = requirePhase(call.ledger.core.read(), 'Initializing', 'Resharing')
  if (phase.kind === 'Initializing') abortKeygen(call, phase, input)
  else abortReshare(call, phase, input)
}
