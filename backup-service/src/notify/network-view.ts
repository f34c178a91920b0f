import * as v from 'valibot'
import type { Json } from '@holdfast/protocol/json.ts'
import { NETWORK_LEVELS, type NetworkLevel } from './severity.ts'

/** What the contract's `recoverability` says of the whole network, in one level and one sentence. */
export type NetworkFacts = { level: NetworkLevel; detail: string }

const count = v.pipe(v.number(), v.safeInteger())
const level = v.picklist(NETWORK_LEVELS)
const schema = v.object({
  level,
  domains: v.array(
    v.object({
      domain_id: v.union([v.number(), v.bigint()]),
      reconstruction_threshold: count,
      participants: count,
      live: count,
      stored: count,
      drilled: count,
      level,
    }),
  ),
})

/** Reads the view's answer (protocol.md 2.7); undefined where it has another form, which then says nothing. */
export function networkFacts(answer: Json): NetworkFacts | undefined {
  const result = v.safeParse(schema, answer)
  if (!result.success) return undefined
  const { level, domains } = result.output
  const worst = domains.find((domain) => domain.level === level)
  if (worst === undefined) return { level, detail: 'The network has no keys yet.' }
  const { domain_id, participants, live, stored, drilled, reconstruction_threshold } = worst
  return {
    level,
    detail:
      `Of the ${participants} operators that hold domain ${domain_id}, ${live} are live, ${stored} have stored a backup of the ` +
      `live keyset and ${drilled} have proved that they can restore it; ${reconstruction_threshold} are needed to sign.`,
  }
}
