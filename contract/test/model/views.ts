import type { Json } from '../../../protocol/src/json.ts'
import { digestOf, keyJson, keysetJson, keysJson } from './keyset.ts'
import type {
  Domain,
  KeyEvent,
  Model,
  Parameters,
  Participant,
  Proposal,
  Receipt,
  Recovering,
  Running,
} from './model.ts'
import { recovering } from './people.ts'

/** `state()`. */
export function stateJson(model: Model | null): Json {
  if (model === null) return 'NotInitialized'
  const { phase } = model
  const running = runningJson(model.running)
  switch (phase.kind) {
    case 'Running':
      return { Running: running }
    case 'Recovery':
      return { Recovery: { previous_running_state: running, recovering: mapped(phase.recovering, recoveringJson) } }
    case 'Initializing':
      return {
        Initializing: {
          domains: { domains: phase.domains.map(domainJson), next_domain_id: phase.nextDomainId },
          epoch_id: model.running.epoch,
          generated_keys: keysJson(phase.generated),
          generating_key: keyEventJson(phase.event),
          cancel_votes: sorted(phase.cancelVotes),
        },
      }
    case 'Resharing':
      return {
        Resharing: {
          previous_running_state: running,
          reshared_keys: keysJson(phase.reshared),
          resharing_key: keyEventJson(phase.event),
          cancellation_requests: [...phase.cancelVotes],
          per_domain_thresholds: mapped(phase.proposal.perDomain, (t) => t),
        },
      }
    default:
      throw new TypeError(`unknown phase ${(phase satisfies never as Model['phase']).kind}`)
  }
}

function runningJson(running: Running): Json {
  return {
    domains: { domains: running.domains.map(domainJson), next_domain_id: running.nextDomainId },
    keyset: keysetJson(running) as unknown as Json,
    parameters: parametersJson(running.parameters),
    parameters_votes: { proposal_by_account: mapped(running.proposals, proposalJson) },
    add_domains_votes: { proposal_by_account: mapped(running.domainVotes, (list) => list.map(domainJson)) },
    previously_cancelled_resharing_epoch_id: running.burntEpoch,
    participants_revision: running.revision,
  }
}

export function proposalJson({ parameters, perDomain }: Proposal): Json {
  return { parameters: parametersJson(parameters), per_domain_thresholds: mapped(perDomain, (t) => t) }
}

function parametersJson({ participants, nextId, threshold }: Parameters): Json {
  return { participants: { next_id: nextId, participants: participants.map(participantJson) }, threshold }
}

export function participantJson({ account, id, url, tls_public_key, incarnation }: Participant): Json {
  return [account, id, { url, tls_public_key, incarnation }]
}

export function domainJson({ id, protocol, reconstruction_threshold, purpose }: Domain): { [field: string]: Json } {
  return { id, protocol, reconstruction_threshold, purpose }
}

function keyEventJson({ epoch, domain, parameters, instance, nextAttempt }: KeyEvent): Json {
  return {
    epoch_id: epoch,
    domain: domainJson(domain),
    parameters: parametersJson(parameters),
    instance: instance && {
      attempt_id: instance.id,
      started_in: instance.startedIn,
      expires_on: instance.expiresOn,
      completed: sorted(instance.completed),
      public_key: instance.vote && keyJson(instance.vote.key),
      commitments: instance.vote?.commitments ? [...instance.vote.commitments] : null,
    },
    next_attempt_id: nextAttempt,
  }
}

/** A record of `recovering` in `state`. */
export function recoveringJson(record: Recovering): { [field: string]: Json } {
  return {
    participant_id: record.participantId,
    destination_node_info: { ...record.node },
    signer_account_pk: record.signer,
    requested_at: String(record.requestedAt),
    expires_at: String(record.expiresAt),
    delivered: record.delivered && { ...record.delivered, at: String(record.delivered.at) },
  }
}

/** `migration_info()`. */
export function migrationInfoJson({ backupServices, migrations }: Model): Json {
  const accounts = new Set([...backupServices.keys(), ...migrations.keys()])
  return Object.fromEntries(
    [...accounts].map((account) => {
      const service = backupServices.get(account)
      const destination = migrations.get(account)
      return [
        account,
        [
          service === undefined
            ? null
            : { public_key: service.key, ...(service.signer !== null && { signer_account_pk: service.signer }) },
          destination === undefined
            ? null
            : { signer_account_pk: destination.signer, destination_node_info: { ...destination.node } },
        ],
      ]
    }),
  )
}

/** `participant_candidates()`. */
export function candidatesJson({ candidates }: Model): Json {
  return mapped(candidates, ({ url, tls_public_key, signer }) => ({ url, tls_public_key, signer_account_pk: signer }))
}

/** `update_votes()`. */
export function updateVotesJson({ updateVotes }: Model): Json {
  return Object.fromEntries(updateVotes)
}

/** `node_authorization({account_id})`. */
export function authorizationJson({ authorizations }: Model, account: string): Json {
  const found = authorizations.get(account)
  if (found === undefined) return null
  return { tls_public_key: found.tls, signer_account_pk: found.signer, expires_at: String(found.expiresAt) }
}

/** `config()`. */
export function configJson({ config }: Model): Json {
  return { ...config }
}

/** A receipt in `backup_receipts`. */
export function receiptJson({ at, ...receipt }: Receipt): { [field: string]: Json } {
  return { ...receipt, at: String(at) }
}

/** `backup_receipts()`. */
export function receiptsJson({ running, receipts }: Model): Json {
  return Object.fromEntries(
    running.parameters.participants.map(({ account }) => {
      const { stored = null, drilled = null } = receipts.get(account) ?? {}
      return [account, { stored: stored && receiptJson(stored), drilled: drilled && receiptJson(drilled) }]
    }),
  )
}

const WORST_FIRST = ['unavailable', 'critical', 'recovering', 'degraded', 'healthy'] as const
type Level = (typeof WORST_FIRST)[number]

/** `recoverability()`. */
export function recoverabilityJson(model: Model): Json {
  const { running, receipts } = model
  const digest = digestOf(running)
  const people = running.parameters.participants.map(({ account }) => {
    const newest = (...kinds: ('stored' | 'drilled')[]) => {
      const times = kinds.flatMap((kind) => {
        const receipt = receipts.get(account)?.[kind]
        return receipt?.keyset_digest === digest && receipt.epoch_id === running.epoch ? [receipt.at] : []
      })
      return times.length === 0 ? null : times.reduce((later, at) => (at > later ? at : later))
    }
    // A rehearsal has shown that the shares are stored.
    return {
      account,
      live: !recovering(model).has(account),
      stored: newest('stored', 'drilled'),
      drilled: newest('drilled'),
    }
  })
  const n = people.length
  const live = people.filter((one) => one.live).length
  const stored = people.filter((one) => one.stored !== null).length
  const drilled = people.filter((one) => one.drilled !== null).length
  const somebody: Level | undefined = live < n ? 'recovering' : undefined
  const levelAt = (t: bigint): Level => {
    if (BigInt(live) < t) return 'unavailable'
    if (BigInt(live) === t && live < n) return 'critical'
    return somebody ?? (stored < n || drilled < n ? 'degraded' : 'healthy')
  }
  const domains = running.domains.map(({ id, reconstruction_threshold }) => ({
    domain_id: id,
    reconstruction_threshold,
    participants: n,
    live,
    stored,
    drilled,
    level: levelAt(reconstruction_threshold),
  }))
  const levels = domains.map(({ level }) => level)
  const worst = WORST_FIRST.find((level) => levels.includes(level))
  return {
    level: worst ?? somebody ?? 'healthy',
    epoch_id: running.epoch,
    domains,
    operators: Object.fromEntries(
      people.map(({ account, live: isLive, stored: storedAt, drilled: drilledAt }) => [
        account,
        { live: isLive, stored_at: textOrNull(storedAt), drilled_at: textOrNull(drilledAt) },
      ]),
    ),
  }
}

function textOrNull(at: bigint | null): string | null {
  return at === null ? null : String(at)
}

function mapped<Key, Value>(map: ReadonlyMap<Key, Value>, toJson: (value: Value) => Json): { [key: string]: Json } {
  return Object.fromEntries([...map].map(([key, value]) => [String(key), toJson(value)]))
}

function sorted(ids: ReadonlySet<number>): number[] {
  return [...ids].sort((a, b) => a - b)
}
