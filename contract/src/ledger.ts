import { AccountMap } from './account-map.ts'
import { Cell } from './cell.ts'
import { MemberList } from './member-list.ts'
import type { SearchJson, Storage } from './ports.ts'
import { decode, encode, plain } from './stored-text.ts'
import type {
  Authorization,
  BackupService,
  Ballot,
  ByAccount,
  Candidate,
  Config,
  Core,
  Domains,
  Identity,
  KeyEventOutcome,
  KeyForDomain,
  Keyset,
  LiveKeyset,
  MigratingNode,
  Receipts,
  ReceiptTimes,
  RecoveringNode,
  RecoveryInBrief,
} from './types.ts'
import type { U64 } from './u64.ts'

const NO_RECEIPTS: Receipts = { stored: null, drilled: null }

/**
 * The contract's state, in several keys so that a call pays only for the parts it touches: reading and writing 10
 * participants as one JSON value costs 2 Tgas, 100 participants 16. This is version 2
 * (state-version.ts); what earlier ones had stored otherwise, the step from them says (state-versions/).
 */
export class Ledger {
  readonly #storage: Storage
  readonly #entries = new Map<string, string | null>()
  readonly core: Cell<Core>
  readonly participants: MemberList
  /** Resharing only: who takes part in the epoch to come. */
  readonly prospective: MemberList
  readonly domains: Cell<Domains>
  readonly keyset: Cell<Keyset>
  readonly liveKeyset: Cell<LiveKeyset>
  /** Of the live keyset alone: who is not in it has reported nothing for that. */
  readonly receiptTimes: Cell<ByAccount<ReceiptTimes>>
  /** Resharing only: the keys that have been reshared so far. */
  readonly resharedKeys: Cell<KeyForDomain[]>
  /** What the attempt under way is voted to have come to, once anybody has voted. */
  readonly outcome: Cell<KeyEventOutcome>
  /** Votes for domains to be added, by participant id as near/mpc has it. */
  readonly domainVotes: Cell<Ballot<number>>
  /** Votes for the parameters of another epoch, by account. */
  readonly parameterVotes: Cell<Ballot<string>>
  readonly config: Cell<Config>
  /** The hash of the code that each account votes for. */
  readonly updateVotes: AccountMap<string>
  readonly candidates: AccountMap<Candidate>
  readonly backupServices: AccountMap<BackupService>
  readonly migrations: AccountMap<MigratingNode>
  /** Recovery only: who is recovering. */
  readonly recovering: AccountMap<RecoveryInBrief>
  /** With which incarnation (above 0) accounts have left: who returns goes on with it. */
  readonly departed: Cell<ByAccount<U64>>

  constructor(storage: Storage & SearchJson) {
    this.#storage = storage
    this.core = new Cell(storage, 'S')
    this.participants = new MemberList(storage, 'P')
    this.prospective = new MemberList(storage, 'N')
    this.domains = new Cell(storage, 'D')
    this.keyset = new Cell(storage, 'K')
    this.liveKeyset = new Cell(storage, 'L')
    this.receiptTimes = new Cell<ByAccount<ReceiptTimes>>(storage, 'R', {})
    this.resharedKeys = new Cell<KeyForDomain[]>(storage, 'Y', [])
    this.outcome = new Cell(storage, 'E')
    this.domainVotes = new Cell<Ballot<number>>(storage, 'V', {})
    this.parameterVotes = new Cell<Ballot<string>>(storage, 'W', {})
    this.config = new Cell(storage, 'F')
    this.updateVotes = new AccountMap(storage, 'U')
    this.candidates = new AccountMap(storage, 'C')
    this.backupServices = new AccountMap(storage, 'B')
    this.migrations = new AccountMap(storage, 'M')
    this.recovering = new AccountMap(storage, 'Q')
    this.departed = new Cell<ByAccount<U64>>(storage, 'I', {})
  }

  authorization(account: string): Authorization | null {
    return this.#entry(`a:${account}`)
  }

  setAuthorization(account: string, value: Authorization | null): void {
    this.#setEntry(`a:${account}`, value)
  }

  identity(account: string): Identity {
    return this.#entry<Identity>(`i:${account}`) ?? { signer_account_pk: null, cooldown_until: null }
  }

  setIdentity(account: string, value: Identity | null): void {
    this.#setEntry(`i:${account}`, value)
  }

  recovery(account: string): RecoveringNode | null {
    return this.#entry(`q:${account}`)
  }

  /** The record of an account that is recovering, as JSON text. */
  recoveryText(account: string): string {
    return this.#entryText(`q:${account}`) ?? unstored(`recovery of ${account}`)
  }

  setRecovery(account: string, value: RecoveringNode | null): void {
    this.#setEntry(`q:${account}`, value)
  }

  /** The JSON text of a proposal that somebody has voted for, by its digest. */
  proposalText(digest: string): string {
    return this.#entryText(`p:${digest}`) ?? unstored(`proposal ${digest}`)
  }

  setProposalText(digest: string, text: string | null): void {
    this.#entries.set(`p:${digest}`, text)
  }

  /** The JSON text of the commitments to a key, `null` for BLS. */
  commitmentsText(epoch: U64, domain: U64): string {
    return this.#entryText(`k:${epoch}:${domain}`) ?? unstored(`commitments of epoch ${epoch}, domain ${domain}`)
  }

  setCommitmentsText(epoch: U64, domain: U64, text: string | null): void {
    this.#entries.set(`k:${epoch}:${domain}`, text)
  }

  receipts(account: string): Receipts {
    return this.#entry<Receipts>(`r:${account}`) ?? NO_RECEIPTS
  }

  /** The same as JSON text, as it is stored. */
  receiptsText(account: string): string {
    const text = this.#entryText(`r:${account}`)
    return text === null ? JSON.stringify(NO_RECEIPTS) : plain(text)
  }

  setReceipts(account: string, value: Receipts | null): void {
    this.#setEntry(`r:${account}`, value)
  }

  /** Writes what was changed. */
  save(): void {
    this.core.save()
    this.participants.save()
    this.prospective.save()
    this.domains.save()
    this.keyset.save()
    this.liveKeyset.save()
    this.receiptTimes.save()
    this.resharedKeys.save()
    this.outcome.save()
    this.domainVotes.save()
    this.parameterVotes.save()
    this.config.save()
    this.updateVotes.save()
    this.candidates.save()
    this.backupServices.save()
    this.migrations.save()
    this.recovering.save()
    this.departed.save()
    for (const [key, text] of this.#entries) {
      if (text === null) this.#storage.remove(key)
      else this.#storage.write(key, text)
    }
    this.#entries.clear()
  }

  #entry<T>(key: string): T | null {
    const text = this.#entryText(key)
    return text === null ? null : decode<T>(text)
  }

  #entryText(key: string): string | null {
    const pending = this.#entries.get(key)
    return pending === undefined ? this.#storage.read(key) : pending
  }

  #setEntry(key: string, value: unknown): void {
    this.#entries.set(key, value === null ? null : encode(value))
  }
}

function unstored(what: string): never {
  throw new Error(`no ${what} stored`)
}

/** An entry of a map by account: accounts may be called `constructor`. */
export function own<T>(map: ByAccount<T>, account: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(map, account) ? map[account] : undefined
}

/** Removes the entries of these accounts; a map that has none of them is not written again. */
export function removeEntries<T>(cell: Cell<ByAccount<T>>, accounts: readonly string[]): void {
  if (accounts.length === 0) return
  const map = { ...cell.read() }
  const present = accounts.filter((account) => own(map, account) !== undefined)
  for (const account of present) delete map[account]
  if (present.length > 0) cell.write(map)
}
