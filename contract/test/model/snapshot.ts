import type { Json } from '../../../protocol/src/json.ts'
import type { ContractAccount } from './contract-account.ts'
import type { Storage } from './watched-storage.ts'

export interface SeenParticipant {
  readonly account: string
  readonly id: number
  readonly tls: string
  readonly incarnation: bigint
}

export interface SeenParameters {
  readonly participants: readonly SeenParticipant[]
  readonly nextId: number
  readonly threshold: number
}

/** What the contract's views show of itself, read without the model. */
export interface Snapshot {
  readonly kind: string
  readonly live: SeenParameters
  /** In Resharing: of the epoch to come. */
  readonly prospective: { readonly epoch: bigint; readonly parameters: SeenParameters } | null
  readonly domains: readonly { readonly id: bigint; readonly protocol: string; readonly t: number }[]
  readonly nextDomainId: bigint
  /** Before the first key, and while keys are generated, there is no epoch to be seen but this one. */
  readonly epoch: bigint
  readonly keys: readonly { readonly domain: bigint; readonly key: string; readonly attempt: bigint }[]
  /** Not to be seen in Initializing. */
  readonly revision: bigint | null
  /** Accounts, with what time their record ends. */
  readonly recovering: ReadonlyMap<string, bigint>
  readonly recoveringTls: readonly Claim[]
  readonly migratingTls: readonly Claim[]
  readonly candidateTls: readonly Claim[]
  readonly backupTls: readonly Claim[]
  readonly storage: Storage
}

export type Claim = readonly [account: string, key: string]

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- views are JSON
type Any = any

/** null: before `init`. */
export function snapshot(contract: ContractAccount): Snapshot | null {
  const state = contract.view('state') as Any
  if (state === 'NotInitialized') return null
  const [[kind, body]] = Object.entries(state) as [[string, Any]]
  const running = body.previous_running_state ?? body
  const parameters = kind === 'Initializing' ? body.generating_key.parameters : running.parameters
  const recovering = (kind === 'Recovery' ? body.recovering : {}) as Record<string, Any>
  const migrations = contract.view('migration_info') as Record<string, Any>
  const candidates = contract.view('participant_candidates') as Record<string, Any>
  return {
    kind,
    live: seen(parameters),
    prospective:
      kind === 'Resharing'
        ? { epoch: BigInt(body.resharing_key.epoch_id), parameters: seen(body.resharing_key.parameters) }
        : null,
    domains: running.domains.domains.map((domain: Any) => ({
      id: BigInt(domain.id),
      protocol: domain.protocol,
      t: Number(domain.reconstruction_threshold),
    })),
    nextDomainId: BigInt(running.domains.next_domain_id),
    epoch: BigInt(running.keyset?.epoch_id ?? body.epoch_id),
    keys: (running.keyset?.domains ?? body.generated_keys).map((entry: Any) => ({
      domain: BigInt(entry.domain_id),
      key: JSON.stringify(entry.key),
      attempt: BigInt(entry.attempt),
    })),
    revision: kind === 'Initializing' ? null : BigInt(running.participants_revision),
    recovering: new Map(Object.entries(recovering).map(([account, record]) => [account, BigInt(record.expires_at)])),
    recoveringTls: claims(recovering, (record) => record.destination_node_info.tls_public_key),
    migratingTls: claims(migrations, ([, move]) => move?.destination_node_info.tls_public_key),
    candidateTls: claims(candidates, (candidate) => candidate.tls_public_key),
    backupTls: claims(migrations, ([service]) => service?.public_key),
    storage: contract.storage,
  }
}

function seen(parameters: Any): SeenParameters {
  return {
    participants: parameters.participants.participants.map(([account, id, info]: [string, number, Any]) => {
      return { account, id, tls: info.tls_public_key, incarnation: BigInt(info.incarnation) }
    }),
    nextId: parameters.participants.next_id,
    threshold: Number(parameters.threshold),
  }
}

function claims(record: Record<string, Json>, keyOf: (value: Any) => string | undefined): Claim[] {
  return Object.entries(record).flatMap(([account, value]) => {
    const key = keyOf(value)
    return key === undefined ? [] : [[account, key]]
  })
}
