import { writeJson } from './json.ts'
import type { Storage } from './ports.ts'
import { decode, encode, plain } from './stored-text.ts'

type Change<T> = { kind: 'none' } | { kind: 'value'; value: T } | { kind: 'text'; text: string } | { kind: 'clear' }

/** One stored JSON value, read when it is first asked for and written or removed once, at the end, if it was changed. */
export class Cell<T> {
  readonly #storage: Storage
  readonly #key: string
  readonly #empty: T | undefined
  #before: string | null | undefined
  #parsed: { value: T } | undefined
  #change: Change<T> = { kind: 'none' }

  constructor(storage: Storage, key: string, empty?: T) {
    this.#storage = storage
    this.#key = key
    this.#empty = empty
  }

  /** Is there a value? */
  exists(): boolean {
    return this.#change.kind === 'none' ? this.#stored() !== null : this.#change.kind !== 'clear'
  }

  /** The value; callers that alter it must hand it to `write`. */
  read(): T {
    if (this.#change.kind === 'value') return this.#change.value
    this.#parsed ??= { value: this.#parse() }
    return this.#parsed.value
  }

  write(value: T): void {
    this.#change = { kind: 'value', value }
  }

  /** The value as it is, or would be, stored; null if there is none. */
  storedText(): string | null {
    switch (this.#change.kind) {
      case 'none':
        return this.#stored()
      case 'value':
        return encode(this.#change.value)
      case 'text':
        return this.#change.text
      case 'clear':
        return null
      default:
        throw new Error(`unknown change ${JSON.stringify(this.#change satisfies never)}`)
    }
  }

  /** Writes a value that is in the form of `storedText` already. */
  writeStoredText(text: string): void {
    this.#parsed = undefined
    this.#change = { kind: 'text', text }
  }

  /** There is no value any more, or only the empty one. */
  clear(): void {
    this.#parsed = undefined
    this.#change = { kind: 'clear' }
  }

  /** The value as JSON text, neither parsed nor written again if it is still as stored. */
  text(): string {
    if (this.#change.kind === 'value') return writeJson(this.#change.value)
    const text = this.storedText()
    return text === null ? writeJson(this.read()) : plain(text)
  }

  save(): void {
    if (this.#change.kind === 'none') return
    const text = this.storedText()
    if (text !== null) this.#storage.write(this.#key, text)
    else if (this.#stored() !== null) this.#storage.remove(this.#key)
    this.#before = text
    if (this.#change.kind === 'value') this.#parsed = { value: this.#change.value }
    this.#change = { kind: 'none' }
  }

  #parse(): T {
    const text = this.storedText()
    if (text !== null) return decode<T>(text)
    if (this.#empty !== undefined) return this.#empty
    throw new Error(`no value stored under ${this.#key}`)
  }

  #stored(): string | null {
    if (this.#before === undefined) this.#before = this.#storage.read(this.#key)
    return this.#before
  }
}
