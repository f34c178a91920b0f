import { executeChange, executeInit } from '../../src/execute.ts'
import { initialize } from '../../src/init.ts'
import { parseExactly } from '../../src/json.ts'
import { Ledger } from '../../src/ledger.ts'
import { migrate } from '../../src/migrate.ts'
import type { Chain } from '../../src/ports.ts'
import { backupReceiptsText, recoverabilityText } from '../../src/recoverability.ts'
import { Refusal } from '../../src/refusal.ts'
import { stateText } from '../../src/state-view.ts'
import {
  configText,
  migrationInfoText,
  nodeAuthorizationText,
  participantCandidatesText,
  updateVotesText,
} from '../../src/views.ts'
import { cryptography } from './cryptography.ts'
import { ed25519Key, groupKey } from './keys.ts'
import { type MethodName, METHODS } from './methods.ts'
import { searchJson } from './search-json.ts'

export const CONTRACT = 'holdfast.near'
export const SECOND = 1_000_000_000n
/** Where the clock of a new world stands. */
export const START = 1_700_000_000n * SECOND

export interface By {
  account: string
  deposit?: bigint
  /** Signs the transaction; an operator's own key if left out. */
  key?: string
  /** Signs while another contract makes the call. */
  signer?: string
}

export interface Outcome {
  /** `CODE: sentence`, or null if the call succeeded. */
  refused: string | null
  code: string | null
  events: { event: string; data: Record<string, unknown> }[]
  refund: bigint
  /** What deploy_update has set going: the arguments that `migrate` gets. */
  migrating: string | null
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- views are JSON
export type Json = any

/** A chain in memory with the contract's rules on it and a clock in the test's hands. */
export class World {
  readonly storage = new Map<string, string>()
  now = START
  height = 100

  /** Executes a change call by its name; a refused one leaves no trace. */
  call(by: By, method: MethodName | 'init', args: unknown): Outcome {
    return this.callText(by, method, JSON.stringify(args))
  }

  callText(by: By, method: MethodName | 'init', input: string): Outcome {
    return this.#execute(by, input, (chain) => {
      if (method === 'init') executeInit(chain, initialize, JSON.parse(input))
      else executeChange(chain, METHODS[method], method === 'deploy_update' ? undefined : JSON.parse(input))
    })
  }

  /** `migrate` as the contract's account calls it, or whoever is named. */
  migrate(args: object = {}, account = CONTRACT, signer = account): Outcome {
    return this.#execute({ account, signer }, JSON.stringify(args), migrate)
  }

  #execute(by: By, input: string, action: (chain: Chain) => void): Outcome {
    const writes = new Map(this.storage)
    const logs: string[] = []
    let refund = 0n
    let migrating: string | null = null
    const chain: Chain = {
      ...cryptography,
      ...searchJson,
      self: () => CONTRACT,
      predecessor: () => by.account,
      signer: () => by.signer ?? by.account,
      signerKey: () => by.key ?? ed25519Key(900_000),
      deposit: () => by.deposit ?? 0n,
      now: () => this.now,
      height: () => this.height,
      input: () => input,
      read: (key) => writes.get(key) ?? null,
      write: (key, text) => void writes.set(key, text),
      remove: (key) => void writes.delete(key),
      log: (line) => void logs.push(line),
      transfer: (_receiver, yocto) => void (refund += yocto),
      inputSha256: () => cryptography.sha256(Buffer.from(input)),
      deployInput: (args) => void (migrating = args),
    }
    try {
      action(chain)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { refused: error.message, code: error.code, events: [], refund: 0n, migrating: null }
    }
    this.storage.clear()
    for (const [key, text] of writes) this.storage.set(key, text)
    const events = logs.map((line) => {
      const { event, data } = JSON.parse(line.slice('EVENT_JSON:'.length)) as Json
      return { event, data: data[0] }
    })
    return { refused: null, code: null, events, refund, migrating }
  }

  /** A call that must succeed. */
  do(by: By | string, method: MethodName | 'init', args: unknown): Outcome {
    const outcome = this.call(typeof by === 'string' ? { account: by } : by, method, args)
    if (outcome.refused !== null) throw new Error(`${method} was refused: ${outcome.refused}`)
    return outcome
  }

  state(): Json {
    return parseExactly(stateText(this.ledger()))
  }

  /** The body of the state, whatever its kind. */
  body(): Json {
    return Object.values(this.state())[0]
  }

  kind(): string {
    const state = this.state()
    return typeof state === 'string' ? state : (Object.keys(state)[0] as string)
  }

  authorization(account: string): Json {
    return JSON.parse(nodeAuthorizationText(this.ledger(), { account_id: account }))
  }

  candidates(): Json {
    return JSON.parse(participantCandidatesText(this.ledger()))
  }

  migrationInfo(): Json {
    return JSON.parse(migrationInfoText(this.ledger()))
  }

  receipts(): Json {
    return parseExactly(backupReceiptsText(this.ledger()))
  }

  recoverability(): Json {
    return parseExactly(recoverabilityText(this.ledger()))
  }

  updateVotes(): Json {
    return JSON.parse(updateVotesText(this.ledger()))
  }

  /** What every view that earlier versions had says; authorisations of these accounts. */
  views(accounts: string[]): Json {
    return {
      state: this.state(),
      migration_info: this.migrationInfo(),
      participant_candidates: this.candidates(),
      config: JSON.parse(configText(this.ledger())),
      node_authorization: Object.fromEntries(accounts.map((account) => [account, this.authorization(account)])),
    }
  }

  ledger(): Ledger {
    return new Ledger({
      ...searchJson,
      read: (key) => this.storage.get(key) ?? null,
      write: (key, text) => void this.storage.set(key, text),
      remove: (key) => void this.storage.delete(key),
    })
  }
}

/** Operator number i of `running`. */
export function operator(i: number): string {
  return `op${i}.near`
}

/** The TLS key that operator i's node starts with. */
export function tlsKey(i: number): string {
  return ed25519Key(i)
}

export function initArguments(members: number, threshold: number, init_config?: object): Json {
  return {
    parameters: {
      participants: {
        next_id: members,
        participants: Array.from({ length: members }, (_, i) => [
          operator(i),
          i,
          { url: `http://node${i}.example:80`, tls_public_key: tlsKey(i) },
        ]),
      },
      threshold,
    },
    ...(init_config === undefined ? {} : { init_config }),
  }
}

export function domain(id: number, protocol = 'Frost', t = 2): Json {
  const purpose = protocol === 'ConfidentialKeyDerivation' ? 'CKD' : 'Sign'
  return { id, protocol, reconstruction_threshold: t, purpose }
}

/** Running without domains. */
export function fresh(members = 3, threshold = 2, init_config?: object): World {
  const world = new World()
  world.do(CONTRACT, 'init', initArguments(members, threshold, init_config))
  return world
}

/** Initializing: every participant has voted for these domains. */
export function initializing(domains: Json[], members = 3, threshold = 2): World {
  const world = fresh(members, threshold)
  for (let i = 0; i < members; i++) world.do(operator(i), 'vote_add_domains', { domains })
  return world
}

/** Generates every key that is still to be generated. */
export function generateKeys(world: World): void {
  while (world.kind() === 'Initializing') {
    const { generating_key: event } = world.body()
    const key_event_id = {
      epoch_id: event.epoch_id,
      domain_id: event.domain.id,
      attempt_id: event.next_attempt_id,
    }
    const members = event.parameters.participants.participants
    world.do(members[0][0], 'start_keygen_instance', { key_event_id })
    const key = groupKey(event.domain.protocol, event.domain.reconstruction_threshold, event.domain.id + 1)
    for (const [account] of members) world.do(account, 'vote_pk', { key_event_id, ...key })
  }
}

/** Running with a Frost key in domain 0 and a CaitSith key in domain 1. */
export function running(members = 3, threshold = 2): World {
  const world = initializing([domain(0, 'Frost', 2), domain(1, 'CaitSith', 2)], members, threshold)
  generateKeys(world)
  return world
}
