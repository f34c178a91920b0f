import { parseMigrationInfo, parseNodeAuthorization, parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { decodeBase58 } from '@holdfast/protocol/near-key.ts'
import type { CallContract, ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'

type Info = { url: string; tls_public_key: string; incarnation: number }
type Operator = { accountId: string; url: string; tlsKey: string; signerKey: string }
type Recovering = {
  destination: { url: string; tls_public_key: string }
  signer: string
  requestedAt: bigint
  expiresAt: bigint
}
type Instance = { attempt: number; expiresOn: number; votes: Map<number, string>; key: Record<string, Json> }
type DomainKey = { domain: number; attempt: number; key: string; commitments: string[] }
type Generating = { domain: number; nextAttempt: number; instance: Instance | undefined }
type Members = Map<string, { id: number; info: Info }>
/** The set and threshold that the keys go to, and those that have been handed on. */
type Resharing = { epoch: number; participants: Members; threshold: number; keys: DomainKey[] }

/**
 * The contract as a node sees it, in memory: as many of its rules as the node's tests need. Every change makes a new
 * block; `final` says how many blocks the readers lag behind.
 */
export class FakeContract {
  height = 100
  lagBlocks = 0
  expiryBlocks = 1_000
  revision = 0
  threshold: number
  participants: Members = new Map()
  readonly recovering = new Map<string, Recovering>()
  readonly authorizations = new Map<string, { tls_public_key: string; signer_account_pk: string; expires_at: string }>()
  readonly backups = new Map<string, string>()
  readonly migrations = new Map<string, { url: string; tlsKey: string; signerKey: string }>()
  readonly candidates: Record<string, Json> = {}
  readonly calls: { account: string; method: string }[] = []
  /** Changes what an account's calls say before the contract sees them: a node that lies. */
  tamper: (account: string, method: string, args: Record<string, Json>) => void = () => undefined
  /** Calls to fail, by method: consumed one at a time. */
  readonly failures: string[] = []
  keys: DomainKey[] = []
  /** The key event under way: generating, or with `resharing` handing on. */
  generating: Generating | undefined
  resharing: Resharing | undefined
  epoch = 0
  pending: number[] = []
  nowMs: () => number = Date.now
  unreachable = false
  private readonly history: { height: number; json: string; migrations: string }[] = []

  constructor(operators: Operator[], threshold: number) {
    this.threshold = threshold
    for (const [id, { accountId, url, tlsKey }] of operators.entries()) {
      this.participants.set(accountId, { id, info: { url, tls_public_key: tlsKey, incarnation: 0 } })
    }
    this.record()
  }

  addDomains(count: number): void {
    const next = this.keys.length
    this.pending = Array.from({ length: count }, (_, index) => next + index)
    this.nextDomain()
    this.record()
  }

  /** Begins to hand every key on to these accounts, newcomers from `candidates` among them; `threshold` is theirs. */
  reshare(accounts: string[], threshold = this.threshold): void {
    const nextId = Math.max(...[...this.participants.values()].map(({ id }) => id)) + 1
    let newcomers = 0
    const participants: Members = new Map(
      accounts.map((account) => {
        const stayer = this.participants.get(account)
        if (stayer !== undefined) return [account, stayer]
        const { url, tls_public_key } = this.candidates[account] as { url: string; tls_public_key: string }
        return [account, { id: nextId + newcomers++, info: { url, tls_public_key, incarnation: 0 } }]
      }),
    )
    this.resharing = { epoch: this.epoch + 1, participants, threshold, keys: [] }
    this.pending = this.keys.map(({ domain }) => domain)
    this.nextDomain()
    this.record()
  }

  authorize(accountId: string, tlsKey: string, signerKey: string, secondsFromNow = 3600): void {
    const expires = BigInt(this.nowMs() + secondsFromNow * 1000) * 1_000_000n
    this.authorizations.set(accountId, {
      tls_public_key: tlsKey,
      signer_account_pk: signerKey,
      expires_at: String(expires),
    })
    this.record()
  }

  register(accountId: string, publicKey: string): void {
    this.backups.set(accountId, publicKey)
    this.record()
  }

  replaceNode(accountId: string, url: string, tlsKey: string): void {
    const entry = this.entry(accountId)
    entry.info = { url, tls_public_key: tlsKey, incarnation: entry.info.incarnation + 1 }
    this.revision += 1
    this.record()
  }

  cancelRecovery(accountId: string): void {
    this.recovering.delete(accountId)
    this.record()
  }

  startMigration(accountId: string, url: string, tlsKey: string, signerKey: string): void {
    this.migrations.set(accountId, { url, tlsKey, signerKey })
    this.record()
  }

  cancelMigration(accountId: string): void {
    this.migrations.delete(accountId)
    this.record()
  }

  /** The live keyset's JSON, as a backup service sends it. */
  keysetText(): string {
    return stringifyJson(this.keyset())
  }

  tick(): void {
    this.record()
  }

  reader(): ReadContract {
    let last: ContractView | undefined
    return {
      readView: async () => {
        if (this.unreachable) throw new HoldfastError('RPC_UNAVAILABLE', 'no endpoint answers')
        const seen = this.history[Math.max(0, this.history.length - 1 - this.lagBlocks)]
        if (seen === undefined) throw new Error('no block')
        if (last?.block.height === BigInt(seen.height)) return last
        const stateJson = parseJson(seen.json, 'state')
        last = {
          block: { height: BigInt(seen.height), hash: `hash-${seen.height}`, timestampMs: this.nowMs() },
          state: parseProtocolState(stateJson),
          migrationInfo: parseMigrationInfo(parseJson(seen.migrations, 'migrations')),
          stateJson,
        }
        return last
      },
      readAuthorization: async (accountId) => parseNodeAuthorization(this.authorizations.get(accountId) ?? null),
      viewMethod: async () => this.candidates,
      close: () => undefined,
    }
  }

  caller(accountId: string, signerKey: string): CallContract {
    return {
      call: async (method, args) => {
        this.calls.push({ account: accountId, method })
        if (this.failures[0] === method) {
          this.failures.shift()
          throw new HoldfastError('RPC_UNAVAILABLE', 'the call was lost')
        }
        const received = parseJson(stringifyJson(args), 'arguments') as Record<string, Json>
        this.tamper(accountId, method, received)
        this.apply(accountId, signerKey, method, received)
        this.record()
        return { transactionHash: 'hash', returned: null, logs: [], gasBurntTgas: 1 }
      },
      close: () => undefined,
    }
  }

  private apply(account: string, signer: string, method: string, args: Record<string, Json>): void {
    const event = args['key_event_id'] as Record<string, number> | undefined
    switch (method) {
      case 'start_keygen_instance':
      case 'start_reshare_instance': {
        const { generating } = this
        if (generating === undefined || generating.nextAttempt !== event?.['attempt_id']) throw refused('WRONG_ATTEMPT')
        generating.instance = {
          attempt: generating.nextAttempt++,
          expiresOn: this.height + this.expiryBlocks,
          votes: new Map(),
          key: {},
        }
        return
      }
      case 'vote_pk':
      case 'vote_reshared':
        return this.votePk(account, event?.['attempt_id'] ?? -1, args)
      case 'vote_abort_key_event_instance':
        if (this.generating?.instance?.attempt !== event?.['attempt_id']) throw refused('WRONG_ATTEMPT')
        this.generating!.instance = undefined
        return
      case 'submit_participant_info':
        this.candidates[account] = {
          ...(args['participant_info'] as Record<string, Json>),
          signer_account_pk: args['signer_account_pk'] ?? null,
        }
        return
      case 'submit_participant_recovery_info':
        return this.submitRecovery(account, signer, args)
      case 'conclude_recovery':
        return this.conclude(account, signer, args)
      case 'conclude_node_migration':
        return this.concludeMigration(account, signer, args)
      default:
        throw refused(`METHOD_NOT_FOUND ${method}`)
    }
  }

  private votePk(account: string, attempt: number, args: Record<string, Json>): void {
    const { generating } = this
    const instance = generating?.instance
    if (generating === undefined || instance?.attempt !== attempt) throw refused('WRONG_ATTEMPT')
    const members = this.resharing?.participants ?? this.participants
    const voter = members.get(account)
    if (voter === undefined) throw refused('NOT_PARTICIPANT')
    instance.votes.set(voter.id, stringifyJson([args['public_key'], args['commitments']]))
    if (new Set(instance.votes.values()).size > 1) {
      generating.instance = undefined
      return
    }
    if (instance.votes.size < members.size) return
    const { domain } = generating
    const old = this.keys.find((key) => key.domain === domain)
    const commitments = args['commitments'] as string[]
    const keys = this.resharing?.keys ?? this.keys
    keys.push({ domain, attempt, key: old?.key ?? String(args['public_key']), commitments })
    this.nextDomain()
    if (this.resharing !== undefined && this.generating === undefined) this.concludeResharing(this.resharing)
  }

  private concludeResharing({ epoch, participants, threshold, keys }: Resharing): void {
    Object.assign(this, { epoch, participants, threshold, keys, resharing: undefined })
    this.revision += 1
  }

  private submitRecovery(account: string, signer: string, args: Record<string, Json>): void {
    const info = args['participant_info'] as { url: string; tls_public_key: string }
    const authorized = this.authorizations.get(account)
    if (authorized?.tls_public_key !== info.tls_public_key || authorized.signer_account_pk !== signer)
      throw refused('NOT_AUTHORIZED')
    if (this.recovering.has(account)) throw refused('ALREADY_RECOVERING')
    const now = BigInt(this.nowMs()) * 1_000_000n
    this.recovering.set(account, { destination: info, signer, requestedAt: now, expiresAt: now + 86_400_000_000_000n })
  }

  private conclude(account: string, signer: string, args: Record<string, Json>): void {
    const record = this.recovering.get(account)
    if (record === undefined) throw refused('NOT_RECOVERING')
    if (record.signer !== signer) throw refused('WRONG_SIGNER')
    if (stringifyJson(args['keyset']) !== stringifyJson(this.keyset())) throw refused('KEYSET_MISMATCH')
    this.recovering.delete(account)
    this.authorizations.delete(account)
    const entry = this.entry(account)
    entry.info = { ...record.destination, incarnation: entry.info.incarnation + 1 }
    this.revision += 1
  }

  private concludeMigration(account: string, signer: string, args: Record<string, Json>): void {
    if (this.recovering.size > 0 || this.generating !== undefined) throw refused('WRONG_STATE')
    if (stringifyJson(args['keyset']) !== stringifyJson(this.keyset())) throw refused('KEYSET_MISMATCH')
    const move = this.migrations.get(account)
    if (move === undefined) throw refused('MIGRATION_NOT_FOUND')
    if (move.signerKey !== signer) throw refused('WRONG_SIGNER_KEY')
    this.migrations.delete(account)
    const entry = this.entry(account)
    entry.info = { url: move.url, tls_public_key: move.tlsKey, incarnation: entry.info.incarnation + 1 }
    this.revision += 1
  }

  private nextDomain(): void {
    const domain = this.pending.shift()
    this.generating = domain === undefined ? undefined : { domain, nextAttempt: 0, instance: undefined }
  }

  private entry(account: string) {
    const entry = this.participants.get(account)
    if (entry === undefined) throw refused('NOT_PARTICIPANT')
    return entry
  }

  private record(): void {
    this.height += 1
    const migrations = Object.fromEntries(
      [...new Set([...this.backups.keys(), ...this.migrations.keys()])].map((account) => [
        account,
        [this.backupJson(account), this.migrationJson(account)],
      ]),
    )
    this.history.push({ height: this.height, json: stringifyJson(this.state()), migrations: stringifyJson(migrations) })
  }

  private backupJson(account: string): Json {
    const key = this.backups.get(account)
    return key === undefined ? null : { public_key: key }
  }

  private migrationJson(account: string): Json {
    const move = this.migrations.get(account)
    if (move === undefined) return null
    return {
      signer_account_pk: move.signerKey,
      destination_node_info: { url: move.url, tls_public_key: move.tlsKey },
    }
  }

  private parameters({ participants, threshold }: Pick<Resharing, 'participants' | 'threshold'> = this): Json {
    return {
      participants: {
        next_id: participants.size,
        participants: [...participants].map(([account, { id, info }]) => [account, id, { ...info }]),
      },
      threshold,
    }
  }

  private domainConfig(id: number): Json {
    return { id, protocol: 'Frost', reconstruction_threshold: this.threshold, purpose: 'Sign' }
  }

  private keyJson({ domain, attempt, key, commitments }: DomainKey): Json {
    return {
      domain_id: domain,
      key: {
        Ed25519: {
          near_public_key_compressed: key,
          edwards_point: [...(decodeBase58(key.slice('ed25519:'.length)) ?? [])],
        },
      },
      attempt,
      commitments,
    }
  }

  private keyEvent({ domain, nextAttempt, instance }: Generating, epoch: number, parameters: Json): Json {
    return {
      epoch_id: epoch,
      domain: this.domainConfig(domain),
      parameters,
      next_attempt_id: nextAttempt,
      instance:
        instance === undefined
          ? null
          : {
              attempt_id: instance.attempt,
              started_in: this.height,
              expires_on: instance.expiresOn,
              completed: [...instance.votes.keys()],
              public_key: null,
            },
    }
  }

  private keyset(): Json {
    return { epoch_id: this.epoch, domains: this.keys.map((key) => this.keyJson(key)) }
  }

  private state(): Json {
    const ids = new Set([
      ...this.keys.map(({ domain }) => domain),
      ...(this.generating === undefined ? [] : [this.generating.domain]),
      ...this.pending,
    ])
    const domains: Json = { domains: [...ids].map((id) => this.domainConfig(id)), next_domain_id: ids.size }
    if (this.generating !== undefined && this.resharing === undefined) {
      return {
        Initializing: {
          domains,
          epoch_id: this.epoch,
          generated_keys: this.keys.map((key) => this.keyJson(key)),
          generating_key: this.keyEvent(this.generating, this.epoch, this.parameters()),
        },
      }
    }
    const running = {
      domains,
      keyset: this.keyset(),
      parameters: this.parameters(),
      participants_revision: this.revision,
    }
    if (this.resharing !== undefined && this.generating !== undefined) {
      const { epoch, threshold, keys } = this.resharing
      return {
        Resharing: {
          previous_running_state: running,
          reshared_keys: keys.map((key) => this.keyJson(key)),
          resharing_key: this.keyEvent(this.generating, epoch, this.parameters(this.resharing)),
          per_domain_thresholds: Object.fromEntries(this.keys.map(({ domain }) => [domain, threshold])),
        },
      }
    }
    if (this.recovering.size === 0) return { Running: running }
    const recovering = Object.fromEntries(
      [...this.recovering].map(([account, { destination, signer, requestedAt, expiresAt }]) => [
        account,
        {
          participant_id: this.entry(account).id,
          destination_node_info: { ...destination },
          signer_account_pk: signer,
          requested_at: String(requestedAt),
          expires_at: String(expiresAt),
          delivered: null,
        },
      ]),
    )
    return { Recovery: { previous_running_state: running, recovering } }
  }
}

function refused(code: string): HoldfastError {
  return new HoldfastError('CONTRACT_REFUSED', `the contract refused: ${code}`)
}
