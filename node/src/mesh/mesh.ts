import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { TLSSocket } from 'node:tls'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { LIMITS } from '../limits.ts'
import type { AskPeer } from '../ports.ts'
import { BEAT, beatJson, parseBeat, type Beat } from './beat.ts'
import { welcomeGuest, type Guest, type Handlers } from './guest.ts'
import { keepLink, type ConnectToPeer, type Link } from './link.ts'
import { peerIdentity, type Peer } from './peer.ts'
import type { Traffic } from './traffic.ts'
import { keepPulse, type Fitness, type Pulse } from './pulse.ts'

/** The connections to the other participants, kept equal to what the contract's final view says. */
export type Mesh = AskPeer & {
  /** Drops every connection whose peer is gone, recovers or has another key, incarnation or address; dials the others. */
  setPeers(peers: Peer[]): void
  /** Takes a connection that was accepted, with the key its certificate proves; closes it unless a peer has that key. */
  accept(socket: TLSSocket, key: Ed25519KeyText | undefined): void
  /** Peers whose clock or view of the chain is off, by account, with the reason; they do not count as connected. */
  leftOut(): Map<string, string>
  traffic(): Readonly<Traffic>
  close(): void
}

type MeshParts = {
  connect: ConnectToPeer
  handlers: Handlers
  /** What this node says of itself in heartbeats. */
  beat: () => Beat
  beatEveryMs?: number
  log: Logger
  onConnected: () => void
}

export function createMesh({ connect, handlers, beat, beatEveryMs, log, onConnected }: MeshParts): Mesh {
  const everyMs = beatEveryMs ?? LIMITS.beatEveryMs
  const links = new Map<string, { link: Link; pulse: Pulse }>()
  const allHandlers: Handlers = new Map([...handlers, [BEAT, answerBeat]])
  const guests = new Map<string, Guest>()
  const traffic: Traffic = { received: 0, sent: 0 }
  let closed = false

  return {
    setPeers,
    accept,
    close,
    ask,
    leftOut,
    traffic: () => traffic,
    connected: () => fitLinks().map(({ peer }) => peer),
  }

  function setPeers(peers: Peer[]): void {
    if (closed) return
    const wanted = new Map(peers.map((peer) => [peerIdentity(peer), peer]))
    for (const identity of [...links.keys(), ...guests.keys()]) {
      if (!wanted.has(identity)) drop(identity)
    }
    for (const [identity, peer] of wanted) {
      if (!links.has(identity)) links.set(identity, open(peer))
    }
  }

  function open(peer: Peer): { link: Link; pulse: Pulse } {
    let lastReason = ''
    const pulse = keepPulse(
      () => links.get(peerIdentity(peer))?.link,
      beat,
      everyMs,
      (fitness) => note(peer, fitness),
    )
    const link = keepLink(peer, connect, traffic, {
      onUp() {
        lastReason = ''
        pulse.start()
      },
      onDown(reason) {
        pulse.stop()
        if (reason !== lastReason) log.info({ peer: peer.accountId, reason }, 'no connection to a peer, dialling again')
        lastReason = reason
      },
    })
    return { link, pulse }
  }

  function note({ accountId, tlsKey, incarnation }: Peer, fitness: Fitness): void {
    switch (fitness.kind) {
      case 'unknown':
        return
      case 'fit':
        log.info({ peer: accountId, peer_key: tlsKey, incarnation }, 'connected to a peer')
        return onConnected()
      case 'unfit':
        return log.warn({ peer: accountId, reason: fitness.reason }, 'a peer is left out until it is well again')
      default:
        fitness satisfies never
        throw new TypeError('unknown fitness')
    }
  }

  function answerBeat(_guest: Guest, body: Json): Json {
    parseBeat(body)
    return beatJson(beat())
  }

  function accept(socket: TLSSocket, key: Ed25519KeyText | undefined): void {
    socket.on('error', () => undefined)
    const peer = [...links.values()].find(({ link }) => link.peer.tlsKey === key)?.link.peer
    if (closed || key === undefined || peer === undefined) {
      log.debug({ key: key ?? 'none' }, 'closed a mesh connection of an unknown key')
      socket.destroy()
      return
    }
    const identity = peerIdentity(peer)
    guests.get(identity)?.close()
    const guest = welcomeGuest(peer, socket, allHandlers, traffic, (reason) =>
      log.warn({ peer: peer.accountId, reason }, 'a peer sent what cannot be served'),
    )
    guests.set(identity, guest)
    guest.signal.addEventListener('abort', () => {
      if (guests.get(identity) === guest) guests.delete(identity)
    })
    links.get(identity)?.link.hurry()
  }

  function drop(identity: string): void {
    const { link, pulse } = links.get(identity) ?? {}
    if (link !== undefined) log.info({ peer: link.peer.accountId, peer_key: link.peer.tlsKey }, 'dropped a peer')
    pulse?.stop()
    link?.close()
    links.delete(identity)
    guests.get(identity)?.close()
    guests.delete(identity)
  }

  async function ask(...[participantId, type, body, options]: Parameters<AskPeer['ask']>) {
    const link = fitLinks().find(({ peer }) => peer.participantId === participantId)
    if (link !== undefined) return link.ask(type, body, options)
    throw new HoldfastError('PEER_NOT_CONNECTED', `cannot ask participant ${participantId}: it is not connected`)
  }

  function fitLinks(): Link[] {
    return [...links.values()]
      .filter(({ link, pulse }) => link.isUp() && pulse.fitness().kind === 'fit')
      .map(({ link }) => link)
  }

  function leftOut(): Map<string, string> {
    const unfit = [...links.values()].map(({ link, pulse }) => [link.peer.accountId, pulse.fitness()] as const)
    return new Map(unfit.flatMap(([account, fitness]) => (fitness.kind === 'unfit' ? [[account, fitness.reason]] : [])))
  }

  function close(): void {
    closed = true
    for (const identity of [...links.keys()]) drop(identity)
  }
}
