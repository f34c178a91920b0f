import { Cell } from './cell.ts'
import type { SearchJson, Storage } from './ports.ts'
import type { ByAccount } from './types.ts'

/** From so many entries on it is cheaper to parse and write a map than to look for each. */
const MANY = 8

/**
 * A stored map by account whose values hold no 64-bit integers. One entry is read, put or removed in the stored text, without
 * parsing the other 99.
 */
export class AccountMap<T> extends Cell<ByAccount<T>> {
  readonly #search: SearchJson

  constructor(storage: Storage & SearchJson, key: string) {
    super(storage, key, {})
    this.#search = storage
  }

  get(account: string): T | undefined {
    const text = this.text()
    const at = this.#search.jsonMember(text, account)
    return at === null ? undefined : (JSON.parse(text.slice(at[1], at[2])) as T)
  }

  /** Puts the entry where the account's old one was, or at the end. */
  set(account: string, value: T): void {
    const text = this.text()
    const at = this.#search.jsonMember(text, account)
    const written = JSON.stringify(value)
    if (at !== null) this.writeStoredText(text.slice(0, at[1]) + written + text.slice(at[2]))
    else this.writeStoredText(`${text.slice(0, -1)}${text === '{}' ? '' : ','}${JSON.stringify(account)}:${written}}`)
  }

  /** Removes the entries of these accounts; a map that has none of them is not written again. */
  remove(...accounts: readonly string[]): void {
    if (accounts.length < MANY) {
      for (const account of accounts) this.#removeOne(account)
      return
    }
    const gone = new Set(accounts)
    const entries = Object.entries(this.read())
    const rest = entries.filter(([account]) => !gone.has(account))
    if (rest.length < entries.length) this.writeStoredText(JSON.stringify(Object.fromEntries(rest)))
  }

  #removeOne(account: string): void {
    const text = this.text()
    const at = this.#search.jsonMember(text, account)
    if (at === null) return
    const [name, , end] = at
    // with the comma after it, or if it stands last with the one before it
    const [from, to] = text[end] === ',' ? [name, end + 1] : [text[name - 1] === ',' ? name - 1 : name, end]
    this.writeStoredText(text.slice(0, from) + text.slice(to))
  }
}
