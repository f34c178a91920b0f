import { Ledger } from './ledger.ts'
import type { Chain } from './ports.ts'
import { refuse } from './refusal.ts'
import type { Core, Participant, Phase } from './types.ts'

/** One call being executed: the chain it sees, the state it works on, and who made it. */
export interface Call {
  chain: Chain
  ledger: Ledger
  /** The account the call comes from, directly. */
  caller: string
  /** What is to happen when the call has succeeded, in order. */
  logs: string[]
  transfers: { receiver: string; yocto: bigint }[]
}

/** Writes the state and sets going what the call has ordered. */
export function closeCall({ chain, ledger, logs, transfers }: Call): void {
  ledger.save()
  for (const line of logs) chain.log(line)
  for (const { receiver, yocto } of transfers) chain.transfer(receiver, yocto)
}

/**
 * Opens a change call. @throws Refusal NOT_DIRECT_CALL if it comes through another contract
 */
export function openCall(chain: Chain): Call {
  const caller = chain.predecessor()
  const signer = chain.signer()
  if (caller !== signer) {
    refuse('NOT_DIRECT_CALL', `the call must come straight from the account: signed by ${signer}, made by ${caller}`)
  }
  return newCall(chain, caller)
}

/** A call by this account, without asking where it comes from. */
export function newCall(chain: Chain, caller: string): Call {
  return { chain, ledger: new Ledger(chain), caller, logs: [], transfers: [] }
}

/** @throws Refusal NOT_INITIALIZED */
export function requireInitialized(ledger: Ledger): void {
  if (!ledger.core.exists()) refuse('NOT_INITIALIZED', 'the contract must be initialised with init first')
}

/**
 * Proof of the operator's full-access key: a function-call key cannot attach a deposit. Whatever exceeds 1 yoctoNEAR goes
 * back. @throws Refusal DEPOSIT_REQUIRED
 */
export function requireOperator(call: Call): void {
  const deposit = call.chain.deposit()
  if (deposit < 1n) {
    refuse('DEPOSIT_REQUIRED', 'attach 1 yoctoNEAR: it proves the full-access key of the operator')
  }
  if (deposit > 1n) call.transfers.push({ receiver: call.caller, yocto: deposit - 1n })
}

/** The phase, narrowed to what the method works in. @throws Refusal WRONG_STATE */
export function requirePhase<K extends Phase['kind']>(core: Core, ...kinds: K[]): Extract<Phase, { kind: K }> {
  const { phase } = core
  if (!(kinds as string[]).includes(phase.kind)) {
    refuse('WRONG_STATE', `this is possible in ${kinds.join(' or ')} only, the contract is in ${phase.kind}`)
  }
  return phase as Extract<Phase, { kind: K }>
}

/** The caller's entry among the participants. @throws Refusal NOT_PARTICIPANT */
export function requireParticipant(call: Call): Participant {
  const found = findParticipant(call.ledger, call.caller)
  if (found === undefined) {
    refuse('NOT_PARTICIPANT', `${call.caller} is not a participant of epoch ${epochOf(call.ledger)}`)
  }
  return found
}

/** An account's entry among the participants. */
export function findParticipant(ledger: Ledger, account: string): Participant | undefined {
  return ledger.participants.find(account)
}

/** The caller's entry among the participants of the epoch that is being prepared. @throws Refusal NOT_PARTICIPANT */
export function requireProspective(call: Call): Participant {
  const found = findProspective(call.ledger, call.caller)
  if (found === undefined) refuse('NOT_PARTICIPANT', `${call.caller} is not a participant of the epoch to come`)
  return found
}

/** An account's entry among the participants of the epoch that is being prepared; there are none outside Resharing. */
export function findProspective(ledger: Ledger, account: string): Participant | undefined {
  return ledger.core.read().phase.kind === 'Resharing' ? ledger.prospective.find(account) : undefined
}

function epochOf(ledger: Ledger): string {
  return String(ledger.keyset.read().epoch_id)
}
