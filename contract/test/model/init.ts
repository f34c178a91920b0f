import { CONTRACT } from './contract-account.ts'
import type { Config, Model, Participant } from './model.ts'
import { broken, type By, type Ruling } from './ruling.ts'
import { isGovernanceThreshold } from './thresholds.ts'

const DEFAULTS: Config = {
  key_event_timeout_blocks: 30n,
  recovery_timeout_seconds: 86_400n,
  recovery_cooldown_seconds: 600n,
  authorization_default_seconds: 86_400n,
}

export interface ParametersJson {
  readonly participants: {
    readonly next_id: number
    readonly participants: readonly [string, number, { url: string; tls_public_key: string; incarnation?: bigint }][]
  }
  readonly threshold: bigint
}

interface InitArguments {
  readonly parameters: ParametersJson
  readonly init_config?: Partial<Config>
}

/** NotInitialized -> Running in epoch 0 without keys. */
export function initialize(model: Model | null, by: By, { parameters, init_config }: InitArguments): Ruling {
  const list = parameters.participants.participants
  const participants: Participant[] = list.map(([account, id, { url, tls_public_key, incarnation = 0n }]) => {
    return { account, id, url, tls_public_key, incarnation }
  })
  const { threshold } = parameters
  const nextId = parameters.participants.next_id
  return {
    refused: broken(
      [model !== null, 'ALREADY_INITIALIZED'],
      [by.account !== CONTRACT, 'NOT_CONTRACT_ACCOUNT'],
      [!isSoundSet(participants, nextId), 'INVALID_PARTICIPANTS'],
      [participants.some(({ incarnation }) => incarnation !== 0n), 'INVALID_PARTICIPANTS'],
      [Object.entries(init_config ?? {}).some(isTooSmall), 'INVALID_ARGUMENT'],
      [!isGovernanceThreshold(threshold, participants.length, []), 'INVALID_THRESHOLD'],
    ),
    then: () => ({
      model: {
        config: { ...DEFAULTS, ...init_config },
        running: {
          domains: [],
          nextDomainId: 0n,
          epoch: 0n,
          keys: [],
          parameters: { participants, nextId, threshold },
          proposals: new Map(),
          domainVotes: new Map(),
          burntEpoch: null,
          revision: 0n,
        },
        phase: { kind: 'Running' },
        candidates: new Map(),
        authorizations: new Map(),
        backupServices: new Map(),
        receipts: new Map(),
        migrations: new Map(),
        cooldowns: new Map(),
        signers: new Map(),
        updateVotes: new Map(),
        left: new Map(),
      },
      events: [{ event: 'initialized', data: { participants: participants.map(({ account }) => account), threshold } }],
    }),
  }
}

/** Only the cooldown may be nothing. */
function isTooSmall([setting, value]: readonly [string, bigint]): boolean {
  return value < (setting === 'recovery_cooldown_seconds' ? 0n : 1n)
}

/** Nobody, no id and no TLS key is there twice, and every id is below the next one. */
export function isSoundSet(participants: readonly Participant[], nextId: number): boolean {
  const distinct = (values: readonly unknown[]) => new Set(values).size === values.length
  return (
    distinct(participants.map(({ account }) => account)) &&
    distinct(participants.map(({ id }) => id)) &&
    distinct(participants.map(({ tls_public_key }) => tls_public_key)) &&
    participants.every(({ id }) => id < nextId)
  )
}
