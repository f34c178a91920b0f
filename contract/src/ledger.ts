import { parseExactly, writeJson } from './json.ts'
import type { Storage } from './ports.ts'
import type {
  Authorization,
  BackupService,
  ByAccount,
  Candidate,
  Config,
  Core,
  Domains,
  Identity,
  Keyset,
  LiveKeyset,
  MigratingNode,
  Participants,
  Receipts,
  ReceiptTimes,
  Votes,
} from './types.ts'

/** Before a stored text that holds an integer above 2^53 and must be parsed exactly; JSON never starts with it. */
const EXACT = '!'

const NO_RECEIPTS: Receipts = { stored: null, drilled: null }

/** A value as it is stored. */
function encode(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return EXACT + writeJson(value)
  }
}

function decode<T>(text: string): T {
  return (text[0] === EXACT ? parseExactly(text.slice(1)) : JSON.parse(text)) as T
}

/** The JSON of a stored text. */
function plain(text: string): string {
  return text[0] === EXACT ? text.slice(1) : text
}

/** One stored JSON value, read when it is first asked for and written once, at the end, if it was changed. */
export class Cell<T> {
  readonly #storage: Storage
  readonly #key: string
  readonly #empty: T | undefined
  #text: string | null | undefined
  #value: T | undefined
  #changed = false

  constructor(storage: Storage, key: string, empty?: T) {
    this.#storage = storage
    this.#key = key
    this.#empty = empty
  }

  /** Is there a stored value? */
  exists(): boolean {
    return this.#stored() !== null
  }

  /** The value; callers that alter it must hand it to `write`. */
  read(): T {
    if (this.#value === undefined) {
      const text = this.#stored()
      if (text !== null) this.#value = decode<T>(text)
      else if (this.#empty !== undefined) this.#value = this.#empty
      else throw new Error(`no value stored under ${this.#key}`)
    }
    return this.#value
  }

  write(value: T): void {
    this.#value = value
    this.#changed = true
  }

  /** The value as JSON text, neither parsed nor written again if it is still as stored. */
  text(): string {
    if (this.#changed) return writeJson(this.#value)
    const text = this.#stored()
    if (text === null) return writeJson(this.read())
    return plain(text)
  }

  save(): void {
    if (!this.#changed) return
    const text = encode(this.#value)
    this.#storage.write(this.#key, text)
    this.#text = text
    this.#changed = false
  }

  #stored(): string | null {
    if (this.#text === undefined) this.#text = this.#storage.read(this.#key)
    return this.#text
  }
}

/**
 * The contract's state, in several keys so that a call pays only for the parts it touches: reading and writing 10
 * participants as one JSON value costs 2 Tgas, 100 participants 16.
 */
export class Ledger {
  readonly #storage: Storage
  readonly #entries = new Map<string, string | null>()
  readonly core: Cell<Core>
  readonly participants: Cell<Participants>
  readonly domains: Cell<Domains>
  readonly keyset: Cell<Keyset>
  readonly liveKeyset: Cell<LiveKeyset>
  /** Of the live keyset alone: who is not in it has reported nothing for that. */
  readonly receiptTimes: Cell<ByAccount<ReceiptTimes>>
  readonly votes: Cell<Votes>
  readonly config: Cell<Config>
  readonly candidates: Cell<ByAccount<Candidate>>
  readonly backupServices: Cell<ByAccount<BackupService>>
  readonly migrations: Cell<ByAccount<MigratingNode>>

  constructor(storage: Storage) {
    this.#storage = storage
    this.core = new Cell(storage, 'S')
    this.participants = new Cell(storage, 'P')
    this.domains = new Cell(storage, 'D')
    this.keyset = new Cell(storage, 'K')
    this.liveKeyset = new Cell(storage, 'L')
    this.receiptTimes = new Cell<ByAccount<ReceiptTimes>>(storage, 'R', {})
    this.votes = new Cell<Votes>(storage, 'V', { add_domains: {} })
    this.config = new Cell(storage, 'F')
    this.candidates = new Cell<ByAccount<Candidate>>(storage, 'C', {})
    this.backupServices = new Cell<ByAccount<BackupService>>(storage, 'B', {})
    this.migrations = new Cell<ByAccount<MigratingNode>>(storage, 'M', {})
  }

  authorization(account: string): Authorization | null {
    return this.#entry('a:', account)
  }

  setAuthorization(account: string, value: Authorization | null): void {
    this.#setEntry('a:', account, value)
  }

  identity(account: string): Identity {
    return this.#entry<Identity>('i:', account) ?? { signer_account_pk: null, cooldown_until: null }
  }

  setIdentity(account: string, value: Identity): void {
    this.#setEntry('i:', account, value)
  }

  receipts(account: string): Receipts {
    return this.#entry<Receipts>('r:', account) ?? NO_RECEIPTS
  }

  /** The same as JSON text, as it is stored. */
  receiptsText(account: string): string {
    const text = this.#entryText('r:', account)
    return text === null ? JSON.stringify(NO_RECEIPTS) : plain(text)
  }

  setReceipts(account: string, value: Receipts | null): void {
    this.#setEntry('r:', account, value)
  }

  /** Writes what was changed. */
  save(): void {
    this.core.save()
    this.participants.save()
    this.domains.save()
    this.keyset.save()
    this.liveKeyset.save()
    this.receiptTimes.save()
    this.votes.save()
    this.config.save()
    this.candidates.save()
    this.backupServices.save()
    this.migrations.save()
    for (const [key, text] of this.#entries) {
      if (text === null) this.#storage.remove(key)
      else this.#storage.write(key, text)
    }
    this.#entries.clear()
  }

  #entry<T>(prefix: string, account: string): T | null {
    const text = this.#entryText(prefix, account)
    return text === null ? null : decode<T>(text)
  }

  #entryText(prefix: string, account: string): string | null {
    const key = prefix + account
    const pending = this.#entries.get(key)
    return pending === undefined ? this.#storage.read(key) : pending
  }

  #setEntry(prefix: string, account: string, value: unknown): void {
    this.#entries.set(prefix + account, value === null ? null : encode(value))
  }
}

/** An entry of a map by account: accounts may be called `constructor`. */
export function own<T>(map: ByAccount<T>, account: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(map, account) ? map[account] : undefined
}
