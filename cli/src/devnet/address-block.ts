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
    const claim = await tryListen(`${prefix}.1`, CLAIM_PORT)
    if (claim !== undefined) return { address: (n) => `${prefix}.${n}`, release: () => void claim.close() }
  }
  throw new HoldfastError(
    'NO_LOOPBACK_ADDRESSES',
    'cannot give every machine an address of its own: 127.16.0.0 to 127.249.255.255 cannot be bound here; use Linux, ' +
      'where all of 127.0.0.0/8 is the loopback',
  )
}

async function tryListen(host: string, port: number): Promise<Server | undefined> {
  const server = createServer().listen({ host, port, exclusive: true }).unref()
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}

/** Below the ports that the kernel gives to outgoing connections (32768 and up, by default). */
const PORTS = { first: 20_000, last: 32_000 }

/** The first of `count` consecutive TCP ports that are free on every local address at this moment. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(PORTS.first, PORTS.last - count)
    const servers = await Promise.all(Array.from({ length: count }, (_, index) => tryListen('0.0.0.0', first + index)))
    for (const server of servers) if (server !== undefined) await once(server.close(), 'close')
    if (servers.every((server) => server !== undefined)) return first
  }
}
