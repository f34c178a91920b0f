import type { Server, Socket } from 'node:net'

/** The connections to a port that have not proved who they are; a stranger's crowd must not keep out who can. */
export type WaitingRoom = {
  /** The connection with this remote address and port has proved its key and counts no more. */
  admit(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): void
  close(): void
}

type Waiting = { socket: Socket; address: string }

/**
 * Watches the connections that `server` accepts. Beyond `perAddress` of them from one remote address, or `total`, the
 * one that waits longest is closed: an honest handshake takes milliseconds, a connection held for its own sake ages.
 */
export function createWaitingRoom(server: Server, limits: { perAddress: number; total: number }): WaitingRoom {
  // In the order of arrival.
  const waiting = new Map<string, Waiting>()

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket)
    const address = socket.remoteAddress
    if (address === undefined) return void socket.destroy()
    waiting.set(key, { socket, address })
    socket.once('close', () => {
      if (waiting.get(key)?.socket === socket) waiting.delete(key)
    })
    const neighbours = [...waiting].filter(([, other]) => other.address === address)
    if (neighbours.length > limits.perAddress) evict(neighbours[0])
    else if (waiting.size > limits.total) evict([...waiting][0])
  })

  return {
    admit: (socket) => void waiting.delete(keyOf(socket)),
    close() {
      for (const entry of [...waiting]) evict(entry)
    },
  }

  function evict(entry: [string, Waiting] | undefined): void {
    if (entry === undefined) return
    waiting.delete(entry[0])
    entry[1].socket.destroy()
  }
}

function keyOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}
