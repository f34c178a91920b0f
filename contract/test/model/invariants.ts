import { isDeepStrictEqual } from 'node:util'
import { CONTRACT, type ContractAccount, type Execution } from './contract-account.ts'
import type { Call } from './execute.ts'
import { snapshot, type SeenParameters, type Snapshot } from './snapshot.ts'
import type { Storage } from './watched-storage.ts'

/** A candidate's record with everything a stranger can put in it, or two of a call that pushes one out. */
const STRANGERS_BYTES = 700
const CANDIDATES_MOST = 64

interface Step {
  readonly made: Call
  readonly found: Execution
  readonly before: Snapshot
  readonly after: Snapshot
}

/**
 * What must hold whatever the model says: rules about every step, and about all steps together. They know the contract's
 * views and nothing of the model.
 */
export class Invariants {
  readonly #contract: ContractAccount
  #before: Snapshot | null
  readonly #incarnations = new Map<string, bigint>()
  readonly #epochs = new Set<bigint>()
  readonly #groupKeys = new Map<bigint, string>()
  #revision = 0n
  #steps = 0

  constructor(contract: ContractAccount) {
    this.#contract = contract
    this.#before = snapshot(contract)
  }

  /** The storage was changed from outside. */
  forget(): void {
    this.#before = snapshot(this.#contract)
  }

  /** @throws Error naming the rule that does not hold after this call */
  check(made: Call, found: Execution, storage: Storage): void {
    this.#steps += 1
    const before = this.#before
    const after = snapshot(this.#contract)
    this.#before = after
    const changed = !sameStorage(storage, this.#contract.storage)
    if (found.kind === 'refused') return hold(!changed, 'a refused call changes no byte of the storage')
    // A migration is told even where nothing was left to migrate.
    const told = found.events.length > 0
    hold(!told || changed || made.method === 'migrate', 'an event tells of a change')
    hold(told || sameToSee(before, after), 'what can be seen to change is told by an event')
    if (after === null) return
    thresholdsHold(after)
    tlsKeysAreUnique(after)
    this.#keysStay(after)
    this.#countersGrow(after)
    if (before === null) return
    this.#epochIsNew(before, after)
    const step = { made, found, before, after }
    accountsStay(step)
    keysetGrows(step)
    nobodyStopsOthers(step)
    strangersChangeLittle(step)
    if (after.kind === 'Recovery' && (before.kind !== 'Recovery' || this.#steps % 8 === 0))
      this.#recoveryEnds(after, made)
  }

  #keysStay({ keys }: Snapshot): void {
    for (const { domain, key } of keys) {
      const first = this.#groupKeys.get(domain) ?? key
      hold(first === key, 'the group key of a domain never changes')
      this.#groupKeys.set(domain, first)
    }
  }

  /** Also if the resharing for it was cancelled: nodes may hold shares of it. */
  #epochIsNew(before: Snapshot, { epoch, prospective }: Snapshot): void {
    this.#epochs.add(epoch)
    if (prospective === null || before.kind === 'Resharing') return
    hold(!this.#epochs.has(prospective.epoch), `epoch ${prospective.epoch} was never used before`)
    this.#epochs.add(prospective.epoch)
  }

  #countersGrow({ live, prospective, revision, epoch }: Snapshot): void {
    for (const { account, incarnation } of [...live.participants, ...(prospective?.parameters.participants ?? [])]) {
      hold(incarnation >= (this.#incarnations.get(account) ?? 0n), `the incarnation of ${account} never falls`)
      this.#incarnations.set(account, incarnation)
    }
    if (revision !== null) {
      hold(revision >= this.#revision, 'the revision never falls')
      this.#revision = revision
    }
    hold(prospective === null || prospective.epoch > epoch, 'a resharing is for a later epoch')
  }

  /** Time alone brings Running back, and anybody may say that it has passed. */
  #recoveryEnds({ recovering, storage }: Snapshot, { height }: Call): void {
    const last = [...recovering.values()].reduce((later, end) => (end > later ? end : later), 0n)
    const by = { predecessor: 'passer-by.near', signer: 'passer-by.near', signerKey: ANY_KEY, deposit: 0n }
    const call = { method: 'expire_recoveries', input: '{}', ...by, now: last, height: height + 1n }
    for (let calls = Math.ceil(recovering.size / 32); calls > 0; calls--) this.#contract.execute(call)
    const ended = snapshot(this.#contract)
    this.#contract.restore(storage)
    hold(ended?.kind === 'Running', 'every Recovery ends with its time')
  }
}

const ANY_KEY = 'ed25519:11111111111111111111111111111111'

function hold(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`does not hold any more: ${rule}`)
}

/** The contract may keep its own books without a word. */
function sameToSee(before: Snapshot | null, after: Snapshot | null): boolean {
  return isDeepStrictEqual({ ...before, storage: null }, { ...after, storage: null })
}

function sameStorage(a: Storage, b: Storage): boolean {
  if (a === b) return true
  return a.size === b.size && [...a].every(([key, value]) => Buffer.compare(value, b.get(key) ?? NOTHING) === 0)
}

const NOTHING = Buffer.of()

function thresholdsHold({ live, prospective, domains }: Snapshot): void {
  for (const { participants, threshold } of [live, ...(prospective === null ? [] : [prospective.parameters])]) {
    const n = participants.length
    hold(threshold >= 2 && threshold >= Math.ceil((n * 6) / 10) && threshold <= n, `threshold ${threshold} of ${n}`)
  }
  for (const { t, protocol } of domains) {
    const n = live.participants.length
    hold(t >= 2 && t <= live.threshold, `a key needs ${t}, governance ${live.threshold}`)
    hold((protocol === 'DamgardEtAl' ? 2 * t - 1 : t) <= n, `${n} participants can sign`)
  }
}

function tlsKeysAreUnique(seen: Snapshot): void {
  const holders = new Map<string, string>()
  const nodes = [...seen.live.participants, ...(seen.prospective?.parameters.participants ?? [])]
  const ofNodes = [
    ...nodes.map(({ account, tls }) => [account, tls] as const),
    ...seen.recoveringTls,
    ...seen.migratingTls,
  ]
  for (const [account, key] of [...ofNodes, ...seen.candidateTls]) {
    const holder = holders.get(key) ?? account
    hold(holder === account, `${holder} and ${account} have one TLS key`)
    holders.set(key, account)
  }
  for (const [account, key] of seen.backupTls) {
    hold(!holders.has(key), `the backup service of ${account} has a TLS key of its own`)
    holders.set(key, account)
  }
}

function accountsStay({ before, after, made }: Step): void {
  const list = ({ participants }: SeenParameters) => participants.map(({ account, id }) => `${account} ${id}`).join()
  const handedOn = before.kind === 'Resharing' || made.method === 'vote_new_parameters'
  hold(handedOn || list(before.live) === list(after.live), 'only a resharing changes who takes part')
  hold(after.live.nextId >= before.live.nextId, 'next_id never falls')
}

function keysetGrows({ before, after }: Step): void {
  hold(after.epoch >= before.epoch, 'the epoch never falls')
  hold(after.nextDomainId >= before.nextDomainId, 'next_domain_id never falls')
  for (const { domain, attempt } of before.keys) {
    const now = after.keys.find((entry) => entry.domain === domain)
    hold(now !== undefined, `domain ${domain} keeps its key`)
    hold(
      after.epoch > before.epoch || now?.attempt === attempt,
      `the attempt of domain ${domain} changes with the epoch`,
    )
  }
}

/** One call takes one account out at most, the caller's own, and ends what others have begun only when its time is over. */
function nobodyStopsOthers({ before, after, made }: Step): void {
  for (const account of after.recovering.keys()) {
    const itself = before.recovering.has(account) || account === made.account
    hold(itself, `${account} recovers because ${made.account} wants it`)
  }
  if (after.kind !== 'Recovery' && after.kind !== 'Running') return
  for (const [account, end] of before.recovering) {
    const over = end <= made.now || account === made.account || made.method === 'vote_new_parameters'
    hold(over || after.recovering.get(account) === end, `the recovery of ${account} is ended by ${made.account}`)
  }
}

function strangersChangeLittle({ before, after, made, found }: Step): void {
  hold(after.candidateTls.length <= CANDIDATES_MOST, 'candidates are bounded')
  const nodes = [...before.live.participants, ...(before.prospective?.parameters.participants ?? [])]
  const stranger = made.account !== CONTRACT && nodes.every(({ account }) => account !== made.account)
  const swept = found.kind === 'done' && found.events.some(({ event }) => event === 'recovery_expired')
  if (!stranger || swept || made.method === 'vote_new_parameters') return
  hold(bytes(after.storage) - bytes(before.storage) <= STRANGERS_BYTES, 'a stranger leaves little behind')
}

function bytes(storage: Storage): number {
  return [...storage].reduce((sum, [key, value]) => sum + key.length + value.length + 40, 0)
}
