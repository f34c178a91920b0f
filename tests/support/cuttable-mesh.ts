import { readdir, readFile, readlink } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { readNodeConfig } from '@holdfast/node/config/config.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { changeConfig } from './change-config.ts'

/** How a cut shows: connections end, or nothing comes through any more and nobody says so. Nobody new is let through. */
export type CutKind = 'loud' | 'silent'

/** The network between the nodes of a devnet, which can be cut in pieces. */
export type CuttableMesh = {
  /** From now on nodes reach those of their own group only. */
  cut(groups: Operator[][], kind: CutKind): void
  heal(): void
}

type Wire = { from: Operator | undefined; to: Operator; near: Socket; far: Socket }

/** Nodes listen this many addresses above their own, where the proxy is. */
const HIDDEN = 100

/**
 * Puts a proxy at the address of every operator's present node, which listens behind it: each connection between two nodes
 * then goes through this process, which knows both ends. To be called before the nodes start. Linux only: who dials is
 * found in /proc by the port it comes from, for on one machine all come from the same address.
 */
export async function makeCuttable(devnet: Devnet): Promise<CuttableMesh & { close(): void }> {
  const wires = new Set<Wire>()
  let groupOf: (operator: Operator) => unknown = () => 'all'
  const areCut = ({ from, to }: Pick<Wire, 'from' | 'to'>): boolean =>
    from === undefined || groupOf(from) !== groupOf(to)
  const servers = await Promise.all(devnet.operators.map((operator) => openProxy(operator)))
  return {
    cut(groups, kind) {
      groupOf = (operator) => groups.find((group) => group.includes(operator))
      for (const wire of [...wires].filter(areCut)) {
        if (kind === 'loud') end(wire)
        else for (const socket of [wire.near, wire.far]) socket.unpipe().pause()
      }
    },
    heal() {
      const cut = [...wires].filter(areCut)
      groupOf = () => 'all'
      // What was sent meanwhile is lost: such a connection is of no more use.
      cut.forEach(end)
    },
    close() {
      for (const server of servers) server.close()
      for (const wire of wires) end(wire)
    },
  }

  async function openProxy(to: Operator): Promise<Server> {
    const machine = presentMachine(to)
    const { listen } = await readNodeConfig(machine.home)
    const hidden = machine.address.replace(/\d+$/, (last) => String(Number(last) + HIDDEN))
    await changeConfig(machine, { listen: { ...listen, host: hidden } })
    const server = createServer({ pauseOnConnect: true }, (near) => void carry(near, to, hidden))
    await once(server.listen(listen.mesh_port, machine.address), 'listening')
    return server
  }

  async function carry(near: Socket, to: Operator, hidden: string): Promise<void> {
    near.on('error', () => undefined)
    const from = await dialler(devnet.operators, near.remotePort ?? 0)
    const far = connect(devnet.ports.mesh, hidden)
    const wire: Wire = { from, to, near, far }
    wires.add(wire)
    far.on('error', () => undefined)
    for (const socket of [near, far]) socket.on('close', () => end(wire))
    // Through a cut nothing goes: who dials waits for an answer until he gives up, or until it is healed.
    if (areCut(wire)) return
    near.pipe(far).pipe(near)
  }

  function end(wire: Wire): void {
    wires.delete(wire)
    wire.near.destroy()
    wire.far.destroy()
  }
}

/** The operator whose present node has the socket with this local port. */
async function dialler(operators: Operator[], port: number): Promise<Operator | undefined> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const line = (await readFile('/proc/net/tcp', 'utf8')).split('\n').find((each) => {
    const [, local = ''] = each.trim().split(/\s+/)
    return local.endsWith(`:${hexPort}`)
  })
  const socket = `socket:[${line?.trim().split(/\s+/)[9] ?? ''}]`
  for (const operator of operators) {
    const directory = `/proc/${presentMachine(operator).process?.pid ?? 0}/fd`
    const files = await readdir(directory).catch(() => [])
    const links = await Promise.all(files.map((file) => readlink(`${directory}/${file}`).catch(() => '')))
    if (links.includes(socket)) return operator
  }
  return undefined
}
