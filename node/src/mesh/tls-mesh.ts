import { createServer, type Server } from 'node:tls'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { connectPinned, peerKey, tlsServerOptions } from '@holdfast/protocol/tls-channel.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createWaitingRoom } from '../doorway/waiting-room.ts'
import { LIMITS } from '../limits.ts'
import type { ConnectToPeer } from './link.ts'
import type { Mesh } from './mesh.ts'

/** Dials peers by mutual TLS, pinned to the key that the contract names. */
export function dialPeers(identity: TlsIdentity): ConnectToPeer {
  return async ({ accountId, address, tlsKey }, signal) => {
    if (address === undefined) {
      throw new HoldfastError(
        'PEER_UNREACHABLE',
        `cannot dial ${accountId}: its url on the contract is no http://host:port`,
      )
    }
    return connectPinned({ ...address, identity, expectedPeerKey: tlsKey, deadlineMs: LIMITS.meshHandshakeMs, signal })
  }
}

/** A TLS server that hands every connection to the mesh, with the key it has proved. `server` is not listening yet. */
export function createMeshServer(identity: TlsIdentity, mesh: Mesh): { server: Server; close(): void } {
  const server = createServer({ ...tlsServerOptions(identity), handshakeTimeout: LIMITS.meshHandshakeMs })
  const waitingRoom = createWaitingRoom(server, { perAddress: LIMITS.meshWaitingPerAddress, total: LIMITS.meshWaiting })
  server.on('secureConnection', (socket) => {
    mesh.accept(socket, peerKey(socket))
    if (!socket.destroyed) waitingRoom.admit(socket)
  })
  // Node tells of a handshake that failed or took too long and leaves the socket open.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    server,
    close() {
      server.close()
      waitingRoom.close()
    },
  }
}
