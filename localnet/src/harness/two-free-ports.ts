import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Two different ports that nobody listens on at `host`: both are held until both are known, or the system may give one twice. */
export async function twoFreePorts(host: string): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const
  for (const server of servers) await once(server.listen(0, host), 'listening')
  const [first, second] = servers
  const ports: [number, number] = [(first.address() as AddressInfo).port, (second.address() as AddressInfo).port]
  for (const server of servers) await once(server.close(), 'close')
  return ports
}
