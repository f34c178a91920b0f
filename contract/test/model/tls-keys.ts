import { only } from './immutable.ts'
import type { Model } from './model.ts'
import { recovering } from './people.ts'
import type { Event } from './ruling.ts'

type Holder = 'node' | 'recovering node' | 'migrating node' | 'backup service' | 'candidate'

/** Every claim to a TLS key that there is: an authorisation is none before it is used. */
export function claims(model: Model): { readonly key: string; readonly account: string; readonly holder: Holder }[] {
  const claim = (holder: Holder) => (entry: readonly [string, string]) => ({ account: entry[0], key: entry[1], holder })
  const { phase, running, migrations, backupServices, candidates } = model
  const nodes = [
    ...running.parameters.participants,
    ...(phase.kind === 'Resharing' ? phase.proposal.parameters.participants : []),
  ]
  return [
    ...nodes.map(({ account, tls_public_key }) => claim('node')([account, tls_public_key])),
    ...[...recovering(model)].map(([account, { node }]) => claim('recovering node')([account, node.tls_public_key])),
    ...[...migrations].map(([account, { node }]) => claim('migrating node')([account, node.tls_public_key])),
    ...[...backupServices].map(([account, { key }]) => claim('backup service')([account, key])),
    ...[...candidates].map(([account, { tls_public_key }]) => claim('candidate')([account, tls_public_key])),
  ]
}

/** Somebody else's node has the key, or a backup service, be it the own one. */
export function takenByOthers(model: Model, account: string, key: string, candidatesToo: boolean): boolean {
  return claims(model).some((claim) => {
    if (claim.key !== key) return false
    if (claim.holder === 'candidate') return candidatesToo && claim.account !== account
    return claim.holder === 'backup service' || claim.account !== account
  })
}

/** What an operator's full-access key orders is not stopped by a candidate: he loses his candidacy. */
export function displaced(model: Model, key: string): { model: Model; events: Event[] } {
  const losers = [...model.candidates].filter(([, candidate]) => candidate.tls_public_key === key)
  const candidates = only(model.candidates, (account) => !losers.some(([loser]) => loser === account))
  const events = losers.map(([account_id]) => ({
    event: 'candidate_removed',
    data: { account_id, reason: 'displaced' },
  }))
  return { model: { ...model, candidates }, events }
}
