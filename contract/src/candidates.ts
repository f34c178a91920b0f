import { pendingProposals } from './ballot.ts'
import { type Call, findParticipant, findProspective } from './call.ts'
import { emit } from './events.ts'
import type { Ledger } from './ledger.ts'
import { refuse } from './refusal.ts'
import { claimTlsKey, removeCandidate } from './tls-keys.ts'
import type { ByAccount, Candidate, NodeInfo } from './types.ts'
import { fields, present } from './validation/arguments.ts'
import { ed25519Key, nodeInfo } from './validation/node-info.ts'

/**
 * A node cannot attach a deposit, so the contract pays for the records of candidates, at most this many (README.md, "Who pays
 * for storage"). Who is pushed out submits again: nodes do so as long as they wait.
 */
export const CANDIDATES_MAX = 64

/** Any state: a node says where it is and what its keys are, so that the participants can vote it in. */
export function submitParticipantInfo(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['participant_info', 'signer_account_pk'])
  present(args.participant_info, 'participant_info')
  const info = nodeInfo(args.participant_info, 'participant_info', chain)
  // Accounts may have keys of other kinds too; nobody who reads the candidates would understand one.
  const signer_account_pk = ed25519Key(args.signer_account_pk ?? chain.signerKey(), 'signer_account_pk', chain)
  const participant = findParticipant(ledger, call.caller) ?? findProspective(ledger, call.caller)
  if (participant !== undefined) {
    checkOwnInfo(call.caller, participant[2], info)
    return
  }
  claimTlsKey(call, info.tls_public_key, ['candidate'], false)
  const candidate: Candidate = { ...info, signer_account_pk }
  const { candidates } = ledger
  if (JSON.stringify(candidates.get(call.caller)) === JSON.stringify(candidate)) return
  // The newest record stands last: what is at the front has been quiet longest.
  candidates.remove(call.caller)
  const evicted = whoMakesRoom(ledger, candidates.read())
  if (evicted !== undefined) removeCandidate(call, evicted, 'evicted')
  candidates.set(call.caller, candidate)
  emit(call, 'candidate_submitted', { account_id: call.caller, ...candidate })
}

/** The node of a participant, or of who is about to be one, may repeat what the contract says of it, and nothing else. */
function checkOwnInfo(account: string, current: NodeInfo, found: NodeInfo): void {
  if (current.url !== found.url || current.tls_public_key !== found.tls_public_key) {
    refuse(
      'PARTICIPANT_INFO_MISMATCH',
      `${account} takes part as ${current.url} with ${current.tls_public_key}, found ${found.url} with ` +
        `${found.tls_public_key}; another TLS key needs a recovery or a migration, another url update_participant_url`,
    )
  }
}

/**
 * Where there is no room for one more: the record that has been quiet longest. One that a proposal under vote names stays,
 * or a stranger with 64 accounts could end any vote on a newcomer; only where all are named the oldest goes after all.
 */
function whoMakesRoom(ledger: Ledger, candidates: ByAccount<Candidate>): string | undefined {
  const accounts = Object.keys(candidates)
  if (accounts.length < CANDIDATES_MAX) return undefined
  const proposals = pendingProposals(ledger, ledger.parameterVotes)
  const unnamed = accounts.find((account) => !proposals.some((proposal) => proposal.includes(`"${account}"`)))
  return unnamed ?? accounts[0]
}
