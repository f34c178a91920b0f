/** Rewrites the result of a request before it is sent; returns it unchanged to tell the truth. */
export type Lie = (request: { readonly method: string; readonly params: unknown }, result: unknown) => unknown

/** What is wrong with one endpoint. Nothing is, unless a test or a drill says so. */
export type Faults = {
  /** Every answer comes so many milliseconds late. */
  readonly slowMs?: number
  /** Every head is so many blocks older than it should be; `frozen` keeps the heads where they are now. */
  readonly lag?: number | 'frozen'
  readonly lie?: Lie
  /**
   * `refused`: nobody listens on the port. `reset`: connections are cut when a request comes. `silent`: requests are
   * taken and never answered.
   */
  readonly dead?: 'refused' | 'reset' | 'silent'
  /** More requests in any second are answered with 429. */
  readonly requestsPerSecond?: number
}

export const NO_FAULTS: Faults = {}

/** Thrown for a fault that cannot be set. */
export class FaultError extends Error {
  readonly code = 'INVALID_FAULT'
  constructor(message: string) {
    super(message)
    this.name = 'FaultError'
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0

function requireCount(value: unknown, name: string): number {
  if (!isCount(value))
    throw new FaultError(`cannot set ${name}: expected a whole number, found ${JSON.stringify(value)}`)
  return value
}

/** A lie that can be told over HTTP: another JSON value for one view method of one contract. */
function parseLie(value: unknown): Lie {
  const { account_id: account, method_name: method, value: told } = (value ?? {}) as Record<string, unknown>
  if (typeof account !== 'string' || typeof method !== 'string' || told === undefined)
    throw new FaultError('cannot set lie: expected account_id, method_name and value')
  const bytes = [...new TextEncoder().encode(JSON.stringify(told))]
  return (request, result) => {
    const params = (request.params ?? {}) as Record<string, unknown>
    const meant = request.method === 'query' && params['account_id'] === account && params['method_name'] === method
    return meant && typeof result === 'object' && result !== null && 'result' in result
      ? { ...result, result: bytes }
      : result
  }
}

const DEAD: readonly unknown[] = ['refused', 'reset', 'silent'] satisfies Faults['dead'][]

/**
 * Reads faults from JSON: `{slow_ms, lag, lie, dead, requests_per_second}`, each optional.
 * @throws FaultError for an unknown or malformed member
 */
export function parseFaults(value: unknown): Faults {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FaultError('cannot set faults: expected an object')
  let faults: Faults = {}
  for (const [name, member] of Object.entries(value)) {
    switch (name) {
      case 'slow_ms':
        faults = { ...faults, slowMs: requireCount(member, name) }
        break
      case 'lag':
        faults = { ...faults, lag: member === 'frozen' ? member : requireCount(member, name) }
        break
      case 'lie':
        faults = { ...faults, lie: parseLie(member) }
        break
      case 'dead':
        if (!DEAD.includes(member)) throw new FaultError(`cannot set dead: expected one of ${DEAD.join(', ')}`)
        faults = { ...faults, dead: member as NonNullable<Faults['dead']> }
        break
      case 'requests_per_second':
        faults = { ...faults, requestsPerSecond: requireCount(member, name) }
        break
      default:
        throw new FaultError(`cannot set ${name}: the faults are slow_ms, lag, lie, dead and requests_per_second`)
    }
  }
  return faults
}

/** Counts requests within a sliding second. */
export class RateLimit {
  #times: number[] = []

  /** Whether one more request is within `perSecond`. */
  admits(perSecond: number, now: number): boolean {
    this.#times = this.#times.filter((time) => time > now - 1_000)
    if (this.#times.length >= perSecond) return false
    this.#times.push(now)
    return true
  }
}
