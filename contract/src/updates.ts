import { type Call, requireParticipant } from './call.ts'
import { emit } from './events.ts'
import { toHex } from './hex.ts'
import { type Ledger, own } from './ledger.ts'
import { refuse } from './refusal.ts'
import { fields } from './validation/arguments.ts'
import { sha256Hex } from './validation/sha256.ts'

/**
 * Upgrade by vote (protocol.md 2.7), in any state. Every participant has one vote, for the SHA-256 of a wasm; a new one takes
 * the place of the last. Code that the governance threshold of the participants votes for may be deployed by anyone.
 */

/** A participant names code that nobody has named yet, or votes for it: naming is voting. */
export function proposeUpdate(call: Call, input: unknown): void {
  const code_hash = sha256Hex(fields(input, 'arguments', ['code_hash']).code_hash, 'code_hash')
  requireParticipant(call)
  vote(call, code_hash)
}

/** A participant votes for code that another one has named. @throws Refusal UPDATE_NOT_PROPOSED */
export function voteUpdate(call: Call, input: unknown): void {
  const code_hash = sha256Hex(fields(input, 'arguments', ['code_hash']).code_hash, 'code_hash')
  requireParticipant(call)
  if (votersFor(call.ledger, code_hash).length === 0) {
    refuse('UPDATE_NOT_PROPOSED', `nobody has proposed ${code_hash}; check the hash, or propose_update`)
  }
  vote(call, code_hash)
}

/**
 * Anyone: the arguments are the wasm itself. It is put on the contract's account and its `migrate` called in one receipt, so
 * that if it has none, or if that fails, the old code, the old state and the votes stay. The votes end with the migration.
 * @throws Refusal UPDATE_NOT_VOTED
 */
export function deployUpdate(call: Call): void {
  const code_hash = toHex(call.chain.inputSha256())
  requireVoted(call.ledger, code_hash)
  call.chain.deployInput(JSON.stringify({ code_hash }))
}

/** @throws Refusal UPDATE_NOT_VOTED if fewer than the threshold of today's participants have their vote on it */
export function requireVoted(ledger: Ledger, code_hash: string): void {
  const votes = votersFor(ledger, code_hash).length
  const { threshold } = ledger.core.read()
  if (votes < threshold) {
    refuse('UPDATE_NOT_VOTED', `the code with SHA-256 ${code_hash} has ${votes} of the ${threshold} votes it needs`)
  }
}

function vote(call: Call, code_hash: string): void {
  const votes = call.ledger.updateVotes.read()
  // A repeated vote changes nothing.
  if (own(votes, call.caller) === code_hash) return
  votes[call.caller] = code_hash
  call.ledger.updateVotes.write(votes)
  emit(call, 'update_voted', { account_id: call.caller, code_hash, votes: votersFor(call.ledger, code_hash).length })
}

function votersFor(ledger: Ledger, code_hash: string): string[] {
  const votes = ledger.updateVotes.read()
  return ledger.participants
    .read()
    .participants.map(([account]) => account)
    .filter((account) => own(votes, account) === code_hash)
}
