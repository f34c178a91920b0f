import { type Call, findParticipant } from './call.ts'
import { emit } from './events.ts'
import type { Cell } from './cell.ts'
import { own } from './ledger.ts'
import { refuse } from './refusal.ts'

/** Who holds a TLS key, and as what. */
export interface Claim {
  account: string
  as: 'participant' | 'participant to come' | 'recovering node' | 'migrating node' | 'candidate' | 'backup service'
}

/**
 * Everybody who holds this TLS key (protocol.md 2.7: unique over current, recovering, migrating and candidate nodes and
 * registered backup services; nodes that a resharing is about to let in are not candidates any more). The stored texts are searched before they are parsed: mostly the key occurs in none.
 */
export function claimsOf(call: Call, key: string): Claim[] {
  const { ledger } = call
  const claims: Claim[] = []
  const occurs = (cell: Cell<unknown>) => cell.exists() && call.chain.contains(cell.text(), `"${key}"`)
  if (occurs(ledger.participants)) {
    for (const [account, , info] of ledger.participants.read().participants) {
      if (info.tls_public_key === key) claims.push({ account, as: 'participant' })
    }
  }
  if (occurs(ledger.prospective)) {
    for (const [account, , info] of ledger.prospective.read().participants) {
      // who stays keeps his key
      if (info.tls_public_key === key && findParticipant(ledger, account) === undefined) {
        claims.push({ account, as: 'participant to come' })
      }
    }
  }
  if (occurs(ledger.recovering)) {
    const recovering = ledger.recovering.read()
    for (const account of Object.keys(recovering)) {
      if (own(recovering, account)?.tls_public_key === key) claims.push({ account, as: 'recovering node' })
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
export function removeCandidate(call: Call, account: string, reason: 'displaced' | 'evicted'): void {
  const { candidates } = call.ledger
  if (candidates.get(account) === undefined) return
  candidates.remove(account)
  emit(call, 'candidate_removed', { account_id: account, reason })
}
