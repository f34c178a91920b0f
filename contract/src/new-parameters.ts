import { castVote, digestOf, votersFor } from './ballot.ts'
import { type Call, requirePhase } from './call.ts'
import { emit } from './events.ts'
import { writeJson } from './json.ts'
import { refuse } from './refusal.ts'
import { beginResharing } from './resharing.ts'
import type { Core } from './types.ts'
import { increment, type U64 } from './u64.ts'
import { fields, u64 } from './validation/arguments.ts'
import { readProposal } from './validation/proposal.ts'

/**
 * Running -> Resharing, Recovery -> Resharing (or Running, if there is no key to reshare), as soon as every participant of
 * the proposal has voted for it. Each vote is checked against what is live when it is cast: a proposal that names a node
 * which has recovered or migrated since can win no further vote, so the votes it has can stay.
 */
export function voteNewParameters(call: Call, input: unknown): void {
  const { ledger } = call
  const args = fields(input, 'arguments', ['prospective_epoch_id', 'proposal'])
  const core = ledger.core.read()
  requirePhase(core, 'Running', 'Recovery')
  const epoch_id = checkEpoch(call, core, u64(args.prospective_epoch_id, 'prospective_epoch_id'))
  const proposal = readProposal(call, args.proposal)
  const { participants } = proposal.parameters.participants
  if (!participants.some(([account]) => account === call.caller)) {
    refuse('NOT_PARTICIPANT', `${call.caller} is no participant of the proposal`)
  }
  const text = writeJson(proposal)
  checkLength(text, new Set([...ledger.participants.read().participants, ...participants].map(([account]) => account)))
  const digest = digestOf(text, call.chain)
  checkAdmission(call, digest, core.threshold)
  const { voters, isNew } = castVote(call, ledger.parameterVotes, call.caller, { text, digest })
  if (!isNew) return
  emit(call, 'parameters_voted', { account_id: call.caller, epoch_id, proposal: digest })
  if (voters.length === participants.length) beginResharing(call, epoch_id, proposal)
}

/**
 * `state` shows, as near/mpc's, every voter's proposal at full length, and NEAR lets a view return 4 MB: so much of it is for
 * these proposals, whoever votes for which. Beyond some 100 participants it takes urls of 100 characters and more to exceed it.
 */
export const PROPOSALS_CHARACTERS_MAX = 3_300_000

function checkLength(proposal: string, voters: ReadonlySet<string>): void {
  const most = Math.floor(PROPOSALS_CHARACTERS_MAX / voters.size)
  if (proposal.length <= most) return
  refuse(
    'INVALID_PARTICIPANTS',
    `with ${voters.size} who may vote a proposal may have ${most} characters, found ${proposal.length}; the participants' ` +
      'urls are what can be shorter',
  )
}

/** The epoch that follows the live one and every resharing that has been cancelled since. */
function checkEpoch({ ledger }: Call, core: Core, found: U64): U64 {
  const expected = increment(core.previously_cancelled_resharing_epoch_id ?? ledger.keyset.read().epoch_id)
  if (found !== expected) refuse('EPOCH_MISMATCH', `the next epoch is ${expected}, found ${found}`)
  return expected
}

/** Newcomers have a say only after *threshold* of those who take part have voted to let them in. */
function checkAdmission({ ledger, caller }: Call, digest: string, threshold: number): void {
  const members = new Set(ledger.participants.read().participants.map(([account]) => account))
  if (members.has(caller)) return
  const votes = votersFor(ledger.parameterVotes, digest).filter((voter) => members.has(voter)).length
  if (votes < threshold) {
    refuse(
      'VOTE_TOO_EARLY',
      `${caller} may vote once ${threshold} present participants have voted for the proposal, found ${votes}`,
    )
  }
}
