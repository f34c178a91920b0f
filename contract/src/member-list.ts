import { Cell } from './cell.ts'
import type { SearchJson, Storage } from './ports.ts'
import { decode, encode, plain } from './stored-text.ts'
import type { Participant, Participants } from './types.ts'

/** Stored participants, of whom one is found or replaced in the stored text, without parsing the other 99. */
export class MemberList extends Cell<Participants> {
  readonly #search: SearchJson

  constructor(storage: Storage & SearchJson, key: string) {
    super(storage, key)
    this.#search = storage
  }

  /** An account's entry. */
  find(account: string): Participant | undefined {
    const text = this.text()
    const at = this.#rowOf(text, account)
    // parsed as exactly as the whole
    return at === null ? undefined : decode<Participant>(this.#mark() + text.slice(at[0], at[1]))
  }

  /** Puts this entry in the place of the one of the same account. */
  replace(member: Participant): void {
    const text = this.text()
    const at = this.#rowOf(text, member[0])
    if (at === null) throw new Error(`${member[0]} is not among the participants`)
    const row = encode(member)
    const mark = plain(row) === row ? this.#mark() : row.slice(0, -plain(row).length)
    this.writeStoredText(mark + text.slice(0, at[0]) + plain(row) + text.slice(at[1]))
  }

  #rowOf(text: string, account: string): [start: number, end: number] | null {
    const list = this.#search.jsonMember(text, 'participants')
    return list === null ? null : this.#search.jsonRow(text, account, list[1])
  }

  /** What stands before the stored JSON if it must be parsed exactly. */
  #mark(): string {
    const stored = this.storedText() ?? ''
    return stored.slice(0, stored.length - plain(stored).length)
  }
}
