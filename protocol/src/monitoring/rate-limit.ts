/** A token bucket: `burst` at once, then `perSecond`. Times in milliseconds of any clock that does not go backwards. */
export class RateLimit {
  readonly #burst: number
  readonly #perSecond: number
  readonly #mostClients: number
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor({ burst, perSecond, mostClients }: { burst: number; perSecond: number; mostClients: number }) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#mostClients = mostClients
  }

  /** Takes a token for this client; false where there is none. The least lately seen client is forgotten for a new one. */
  admits(client: string, nowMs: number): boolean {
    const known = this.#buckets.get(client) ?? { tokens: this.#burst, atMs: nowMs }
    const tokens = Math.min(this.#burst, known.tokens + ((nowMs - known.atMs) / 1_000) * this.#perSecond)
    this.#buckets.delete(client)
    if (this.#buckets.size >= this.#mostClients) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    this.#buckets.set(client, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs })
    return tokens >= 1
  }
}
