import type { Socket } from 'node:net'

/**
 * One deadline per connection: from its start to the end of its first answer, then from answer to answer. A client that
 * dawdles anywhere in between is cut off.
 */
export function createDeadlines(): { start(socket: Socket, ms: number): void } {
  const timers = new WeakMap<Socket, NodeJS.Timeout>()
  return {
    start(socket, ms) {
      if (socket.destroyed) return
      const running = timers.get(socket)
      if (running === undefined) socket.once('close', () => clearTimeout(timers.get(socket)))
      clearTimeout(running)
      timers.set(
        socket,
        setTimeout(() => socket.destroy(), ms),
      )
    },
  }
}
