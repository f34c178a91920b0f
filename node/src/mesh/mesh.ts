import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { TLSSocket } from 'node:tls'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import type { AskPeer } from '../ports.ts'
import { welcomeGuest, type Guest, type Handlers } from './guest.ts'
import { keepLink, type ConnectToPeer, type Link } from './link.ts'
import { peerIdentity, type Peer } from './peer.ts'

/** The connections to the other participants, kept equal to what the contract's final view says. */
export type Mesh = AskPeer & {
  /** Drops every connection whose peer is gone, recovers or has another key, incarnation or address; dials the others. */
  setPeers(peers: Peer[]): void
  /** Takes a connection that was accepted, with the key its certificate proves; closes it unless a peer has that key. */
  accept(socket: TLSSocket, key: Ed25519KeyText | undefined): void
  close(): void
}

type MeshParts = { connect: ConnectToPeer; handlers: Handlers; log: Logger; onConnected: () => void }

export function createMesh({ connect, handlers, log, onConnected }: MeshParts): Mesh {
  const links = new Map<string, Link>()
  const guests = new Map<string, Guest>()
  let closed = false

  return { setPeers, accept, close, ask, connected: () => upLinks().map(({ peer }) => peer) }

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

  function open(peer: Peer): Link {
    let lastReason = ''
    return keepLink(peer, connect, {
      onUp() {
        lastReason = ''
        log.info({ peer: peer.accountId, peer_key: peer.tlsKey, incarnation: peer.incarnation }, 'connected to a peer')
        onConnected()
      },
      onDown(reason) {
        if (reason !== lastReason) log.info({ peer: peer.accountId, reason }, 'no connection to a peer, dialling again')
        lastReason = reason
      },
    })
  }

  function accept(socket: TLSSocket, key: Ed25519KeyText | undefined): void {
    socket.on('error', () => undefined)
    const peer = [...links.values()].find((link) => link.peer.tlsKey === key)?.peer
    if (closed || key === undefined || peer === undefined) {
      log.debug({ key: key ?? 'none' }, 'closed a mesh connection of an unknown key')
      socket.destroy()
      return
    }
    const identity = peerIdentity(peer)
    guests.get(identity)?.close()
    const guest = welcomeGuest(peer, socket, handlers, (reason) =>
      log.warn({ peer: peer.accountId, reason }, 'a peer sent what cannot be served'),
    )
    guests.set(identity, guest)
    guest.signal.addEventListener('abort', () => {
      if (guests.get(identity) === guest) guests.delete(identity)
    })
    links.get(identity)?.hurry()
  }

  function drop(identity: string): void {
    const link = links.get(identity)
    if (link !== undefined) log.info({ peer: link.peer.accountId, peer_key: link.peer.tlsKey }, 'dropped a peer')
    link?.close()
    links.delete(identity)
    guests.get(identity)?.close()
    guests.delete(identity)
  }

  async function ask(...[participantId, type, body, options]: Parameters<AskPeer['ask']>) {
    const link = upLinks().find(({ peer }) => peer.participantId === participantId)
    if (link !== undefined) return link.ask(type, body, options)
    throw new HoldfastError('PEER_NOT_CONNECTED', `cannot ask participant ${participantId}: it is not connected`)
  }

  function upLinks(): Link[] {
    return [...links.values()].filter((link) => link.isUp())
  }

  function close(): void {
    closed = true
    for (const identity of [...links.keys()]) drop(identity)
  }
}
