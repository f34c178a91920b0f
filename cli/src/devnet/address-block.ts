import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** A /24 of loopback addresses that no other network on this machine uses while it is held. */
export type AddressBlock = {
  /** The address of one machine, `n` from 2 to 254. */
  address(n: number): string
  release(): void
}

/** Held on the first address of every block in use: binding it is the claim, and the kernel undoes it after a crash. */
const CLAIM_PORT = 21_979

/** Claims a random block 127.a.b.0/24, so that several networks can run side by side, each machine on its own address. */
export async function claimAddressBlock(): Promise<AddressBlock> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const prefix = `127.${randomInt(16, 250)}.${randomInt(0, 255)}`
    const claim = await tryListen(`${prefix}.1`)
    if (claim !== undefined) return { address: (n) => `${prefix}.${n}`, release: () => void claim.close() }
  }
  throw new HoldfastError(
    'NO_LOOPBACK_ADDRESSES',
    'cannot give every machine an address of its own: 127.16.0.0 to 127.249.255.255 cannot be bound here; use Linux, ' +
      'where all of 127.0.0.0/8 is the loopback',
  )
}

async function tryListen(host: string): Promise<Server | undefined> {
  const server = createServer().listen({ host, port: CLAIM_PORT, exclusive: true }).unref()
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}

/** `count` different TCP ports that are free on every local address at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen({ host: '0.0.0.0', port: 0 }))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
