import { type Call, findParticipant } from './call.ts'
import { emit } from './events.ts'
import { own } from './ledger.ts'
import { refuse } from './refusal.ts'

/** Who holds a TLS key, and as what. */
export interface Claim {
  account: string
  as: 'participant' | 'recovering node' | 'migrating node' | 'candidate' | 'backup service'
}

/**
 * Everybody who holds this TLS key (protocol.md 2.7: unique over current, recovering, migrating and candidate nodes and
 * registered backup services). The stored texts are searched before they are parsed: mostly the key occurs in none.
 */
export function claimsOf(call: Call, key: string): Claim[] {
  const { ledger } = call
  const claims: Claim[] = []
  const occurs = (cell: { text(): string }) => cell.text().includes(`"${key}"`)
  if (occurs(ledger.participants)) {
    for (const [account, , info] of ledger.participants.read().participants) {
      if (info.tls_public_key === key) claims.push({ account, as: 'participant' })
    }
  }
  const { phase } = ledger.core.read()
  if (phase.kind === 'Recovery') {
    for (const account of Object.keys(phase.recovering)) {
      if (own(phase.recovering, account)?.destination_node_info.tls_public_key === key) {
        claims.push({ account, as: 'recovering node' })
      }
    }
  }
  if (occurs(ledger.migrations)) {
    const migrations = ledger.migrations.read()
    for (const account of Object.keys(migrations)) {
      if (own(migrations, account)?.destination_node_info.tls_public_key === key) {
        claims.push({ account, as: 'migrating node' })
      }
    }
  }
  if (occurs(ledger.candidates)) {
    const candidates = ledger.candidates.read()
    for (const account of Object.keys(candidates)) {
      if (own(candidates, account)?.tls_public_key === key) claims.push({ account, as: 'candidate' })
    }
  }
  if (occurs(ledger.backupServices)) {
    const services = ledger.backupServices.read()
    for (const account of Object.keys(services)) {
      if (own(services, account)?.public_key === key) claims.push({ account, as: 'backup service' })
    }
  }
  return claims
}

/**
 * The caller is about to use this TLS key as a node or as a backup service; `replaces` are claims of its own that this one
 * takes the place of. A stranger's candidacy does not stand in the way of what an operator's full-access key has ordered:
 * otherwise anyone could block a recovery by submitting the authorised key first. It is removed instead.
 * @throws Refusal TLS_KEY_TAKEN
 */
export function claimTlsKey(call: Call, key: string, replaces: Claim['as'][], byOperator: boolean): void {
  for (const claim of claimsOf(call, key)) {
    if (claim.account === call.caller && replaces.includes(claim.as)) continue
    if (byOperator && claim.as === 'candidate' && findParticipant(call.ledger, claim.account) === undefined) {
      removeCandidate(call, claim.account, 'displaced')
      continue
    }
    refuse(
      'TLS_KEY_TAKEN',
      `${key} is the TLS key of ${claim.account} (${claim.as}); every node and backup service needs its own`,
    )
  }
}

/** Forgets a candidate, if it is one. */
export function removeCandidate(call: Call, account: string, reason: 'displaced' | 'evicted' | 'admitted'): void {
  const candidates = call.ledger.candidates.read()
  if (own(candidates, account) === undefined) return
  delete candidates[account]
  call.ledger.candidates.write(candidates)
  emit(call, 'candidate_removed', { account_id: account, reason })
}
