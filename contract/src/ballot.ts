import type { Call } from './call.ts'
import { toHex } from './hex.ts'
import type { Cell } from './cell.ts'
import type { Ledger } from './ledger.ts'
import type { Cryptography } from './ports.ts'
import type { Ballot } from './types.ts'

/**
 * Votes for proposals, by the text of the proposal: each voter has one vote, a later one replaces it. A proposal's text is
 * stored once and found again by its digest, so that a vote for what others have voted for costs no more than its entry.
 */
export function digestOf(proposal: string, cryptography: Cryptography): string {
  return toHex(cryptography.sha256Text(proposal))
}

/** The texts of all proposals that somebody has voted for. */
export function pendingProposals<Voter>(ledger: Ledger, ballot: Cell<Ballot<Voter>>): string[] {
  return Object.keys(ballot.read()).map((digest) => ledger.proposalText(digest))
}

/** Who has voted for this proposal. */
export function votersFor<Voter>(ballot: Cell<Ballot<Voter>>, digest: string): readonly Voter[] {
  return ballot.read()[digest] ?? []
}

/** Casts a vote. Returns who has voted for the proposal now, and whether the vote is new: a repeated one changes nothing. */
export function castVote<Voter>(
  { ledger }: Call,
  ballot: Cell<Ballot<Voter>>,
  voter: Voter,
  proposal: { text: string; digest: string },
): { voters: readonly Voter[]; isNew: boolean } {
  const { text, digest } = proposal
  const before = votersFor(ballot, digest)
  if (before.includes(voter)) return { voters: before, isNew: false }
  const votes = withdrawn(ledger, ballot.read(), (other) => other === voter)
  const voters = [...(votes[digest] ?? []), voter]
  if (voters.length === 1) ledger.setProposalText(digest, text)
  ballot.write({ ...votes, [digest]: voters })
  return { voters, isNew: true }
}

/** Forgets the votes of these voters. */
export function withdrawVotes<Voter>(
  ledger: Ledger,
  ballot: Cell<Ballot<Voter>>,
  whose: (voter: Voter) => boolean,
): void {
  if (!ballot.exists()) return
  const votes = withdrawn(ledger, ballot.read(), whose)
  if (Object.keys(votes).length === 0) ballot.clear()
  else ballot.write(votes)
}

/** Forgets every vote. */
export function closeBallot<Voter>(ledger: Ledger, ballot: Cell<Ballot<Voter>>): void {
  withdrawVotes(ledger, ballot, () => true)
}

/** `{voter: proposal}`, as near/mpc shows it: JSON in parts, which are long. */
export function ballotParts<Voter extends string | number>(ledger: Ledger, ballot: Cell<Ballot<Voter>>): string[] {
  const votes = ballot.read()
  const parts = ['{']
  for (const digest of Object.keys(votes)) {
    const proposal = ledger.proposalText(digest)
    for (const voter of votersFor(ballot, digest)) parts.push(`${parts.length > 1 ? ',' : ''}"${voter}":`, proposal)
  }
  parts.push('}')
  return parts
}

/** The votes without these voters'; a proposal without voters is no longer stored. */
function withdrawn<Voter>(ledger: Ledger, votes: Ballot<Voter>, whose: (voter: Voter) => boolean): Ballot<Voter> {
  const rest: Ballot<Voter> = {}
  for (const [digest, voters] of Object.entries(votes)) {
    const remaining = voters.filter((voter) => !whose(voter))
    if (remaining.length > 0) rest[digest] = remaining
    else ledger.setProposalText(digest, null)
  }
  return rest
}
