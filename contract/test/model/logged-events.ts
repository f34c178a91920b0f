import { parseJson, type Json } from '../../../protocol/src/json.ts'
import type { Event } from './ruling.ts'

const PREFIX = 'EVENT_JSON:'

interface Nep297 {
  readonly standard: Json
  readonly version: Json
  readonly event: string
  readonly data: readonly Json[]
}

/** The NEP-297 events of a call. @throws Error if it logged anything else, or in another form than README.md has */
export function eventsOf(logs: readonly string[]): Event[] {
  return logs.map((line) => {
    if (!line.startsWith(PREFIX)) throw new Error(`a log that is no event: ${line}`)
    const parsed = parseJson(line.slice(PREFIX.length), 'an event') as unknown as Nep297
    const { standard, version, event, data, ...more } = parsed
    const [only, ...others] = data
    const surplus = others.length + Object.keys(more).length
    if (standard !== 'holdfast' || version !== '1.0.0' || only === undefined || surplus > 0) {
      throw new Error(`an event of another form: ${line}`)
    }
    return { event, data: only }
  })
}
