import { withdrawVotes } from './ballot.ts'
import type { Call } from './call.ts'
import { emit } from './events.ts'
import { type Ledger, removeEntries } from './ledger.ts'
import { keysetGoesLive } from './live-keyset.ts'
import { forgetReceipts } from './receipts.ts'
import type { KeyForDomain, Participant, Participants, Thresholds } from './types.ts'
import { increment, type U64 } from './u64.ts'
import { withThresholds } from './validation/proposal.ts'

export interface Epoch {
  epoch_id: U64
  participants: Participants
  /** Governance threshold. */
  threshold: number
  per_domain_thresholds: Thresholds
  joining: readonly string[]
  leaving: readonly string[]
  keys: KeyForDomain[]
}

/** Running in another epoch. What belongs to those who leave goes with them, what belongs to those who stay stays. */
export function enterEpoch(call: Call, epoch: Epoch): void {
  const { ledger } = call
  const { epoch_id, participants, threshold, per_domain_thresholds, joining, leaving, keys } = epoch
  const old = ledger.keyset.read()
  for (const { domain_id } of old.domains) ledger.setCommitmentsText(old.epoch_id, domain_id, null)
  ledger.keyset.write({ epoch_id, domains: keys })
  if (Object.keys(per_domain_thresholds).length > 0) {
    const registry = ledger.domains.read()
    ledger.domains.write({ ...registry, domains: withThresholds(registry.domains, per_domain_thresholds) })
  }
  const left = new Set(leaving)
  const leavers = ledger.participants.read().participants.filter(([account]) => left.has(account))
  forgetLeavers(ledger, leavers)
  keysetGoesLive(ledger, call.chain)
  ledger.participants.write(participants)
  ledger.candidates.remove(...joining)
  removeEntries(ledger.departed, joining)
  const { participants_revision } = ledger.core.read()
  ledger.core.write({
    phase: { kind: 'Running' },
    threshold,
    participants_revision:
      joining.length + leaving.length > 0 ? increment(participants_revision) : participants_revision,
    previously_cancelled_resharing_epoch_id: null,
  })
  emit(call, 'resharing_concluded', { epoch_id, joined: joining, left: leaving })
}

/** Of who leaves only the incarnation is remembered, and until when it may ask for no recovery. */
function forgetLeavers(ledger: Ledger, leavers: readonly Participant[]): void {
  const accounts = leavers.map(([account]) => account)
  ledger.migrations.remove(...accounts)
  ledger.backupServices.remove(...accounts)
  ledger.updateVotes.remove(...accounts)
  withdrawVotes(ledger, ledger.domainVotes, (voter) => leavers.some(([, id]) => id === voter))
  const departed = { ...ledger.departed.read() }
  for (const [account, , { incarnation }] of leavers) {
    forgetReceipts(ledger, account)
    ledger.setAuthorization(account, null)
    const { signer_account_pk, cooldown_until } = ledger.identity(account)
    if (cooldown_until === null) ledger.setIdentity(account, null)
    else if (signer_account_pk !== null) ledger.setIdentity(account, { signer_account_pk: null, cooldown_until })
    if (incarnation > 0) departed[account] = incarnation
  }
  if (leavers.some(([, , { incarnation }]) => incarnation > 0)) ledger.departed.write(departed)
}
