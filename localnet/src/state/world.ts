import type { AccessKey } from '../transaction/action.ts'

/** One account and all it owns. A value: changes make a new one, so that any block's state can be kept and viewed. */
export type AccountState = {
  /** yoctoNEAR, without `locked`. */
  readonly amount: bigint
  /** Staked yoctoNEAR. */
  readonly locked: bigint
  /** Bytes the account pays for. */
  readonly storageUsage: number
  readonly code: { readonly wasm: Uint8Array; readonly hash: string } | null
  /** By `curve:base58`. */
  readonly keys: ReadonlyMap<string, AccessKey>
  /** Contract storage, by bytesToKey. */
  readonly data: ReadonlyMap<string, Uint8Array>
}

/** All accounts at one moment. */
export type Snapshot = ReadonlyMap<string, AccountState>

/** Changes on top of a snapshot or of other changes, applied or forgotten as a whole. */
export class World {
  readonly #below: World | Snapshot
  readonly #changes = new Map<string, AccountState | null>()

  constructor(below: World | Snapshot) {
    this.#below = below
  }

  get(id: string): AccountState | undefined {
    const changed = this.#changes.get(id)
    if (changed !== undefined) return changed ?? undefined
    return changed === null ? undefined : this.#below.get(id)
  }

  put(id: string, state: AccountState): void {
    this.#changes.set(id, state)
  }

  remove(id: string): void {
    this.#changes.set(id, null)
  }

  get changed(): boolean {
    return this.#changes.size > 0
  }

  /** A trial on top of this world; call `commit` on it to keep what it did. */
  fork(): World {
    return new World(this)
  }

  commit(): void {
    if (!(this.#below instanceof World)) throw new TypeError('only a fork can be committed')
    for (const [id, state] of this.#changes) this.#below.#changes.set(id, state)
    this.#changes.clear()
  }

  /** The snapshot below with these changes; the same snapshot when nothing changed. */
  snapshot(): Snapshot {
    if (this.#below instanceof World) throw new TypeError('only the outermost world has a snapshot')
    if (!this.changed) return this.#below
    const accounts = new Map(this.#below)
    for (const [id, state] of this.#changes) {
      if (state === null) accounts.delete(id)
      else accounts.set(id, state)
    }
    return accounts
  }
}
