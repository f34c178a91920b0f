/** Events from anywhere, taken one at a time by one loop. */
export class Mailbox<Event> {
  readonly #waiting: Event[] = []
  #take: ((event: Event) => void) | undefined

  post(event: Event): void {
    const take = this.#take
    this.#take = undefined
    if (take === undefined) this.#waiting.push(event)
    else take(event)
  }

  /** The next event, waiting for it if need be. One caller at a time. */
  next(): Promise<Event> {
    const event = this.#waiting.shift()
    if (event !== undefined) return Promise.resolve(event)
    const { promise, resolve } = Promise.withResolvers<Event>()
    this.#take = resolve
    return promise
  }
}
