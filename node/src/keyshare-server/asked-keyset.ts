import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { groupKey } from '@holdfast/protocol/group-key.ts'
import { parseStrictJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'

const WHAT = 'the keyset in the request'

/**
 * The keyset in the body of `GET /get_keyshares`. Refused where near/mpc looks away: a domain named twice (it returns the
 * share twice), an `edwards_point` beside an Ed25519 key that is another point.
 * @throws HoldfastError `INVALID_JSON`, `INVALID_STATE`
 */
export function parseAskedKeyset(body: string): Keyset {
  const json = parseStrictJson(body, WHAT)
  const keyset = parseKeyset(json, WHAT)
  const seen = new Set(keyset.domains.map(({ domain_id }) => domain_id))
  if (seen.size < keyset.domains.length) throw invalid('a domain occurs twice; name each once')
  const points = pointsIn(json)
  for (const [index, { domain_id, key }] of keyset.domains.entries()) {
    const point = points[index]
    if (!('Ed25519' in key) || point === undefined) continue
    if (point === stringifyJson([...groupKey(key).compressed])) continue
    throw invalid(`the edwards_point of domain ${domain_id} is not the point of its key; send the contract's keyset`)
  }
  return keyset
}

/** `edwards_point` of each domain as JSON, where there is one. */
function pointsIn(keyset: Json): (string | undefined)[] {
  const { domains } = keyset as { domains: { key: { Ed25519?: { edwards_point?: Json } } }[] }
  return domains.map(({ key }) => {
    const point = key.Ed25519?.edwards_point
    return point === undefined ? undefined : stringifyJson(point)
  })
}

function invalid(why: string): HoldfastError {
  return new HoldfastError('INVALID_STATE', why)
}
