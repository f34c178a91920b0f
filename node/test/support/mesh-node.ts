import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { silentLogger, type Logger } from '@holdfast/protocol/log.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { ANY_PARTICIPANT } from '../../src/cosigning/any-participant.ts'
import type { Beat } from '../../src/mesh/beat.ts'
import type { HandleRequest } from '../../src/mesh/guest.ts'
import { createCounts, type Counts } from '../../src/monitoring/counts.ts'
import { createMesh, type Mesh } from '../../src/mesh/mesh.ts'
import { peerOf } from '../../src/mesh/peer.ts'
import { createMeshServer, dialPeers } from '../../src/mesh/tls-mesh.ts'
import type { Phase } from '../../src/phases/phase.ts'
import type { JudgeMessage, KeepShares, KnowSituation, StoredShare } from '../../src/ports.ts'
import { cosigningHandlers } from '../../src/signing/cosign.ts'
import { createSigner, type SignMessage } from '../../src/signing/sign.ts'
import { newIdentity } from './backup-client.ts'
import type { keyForDomain } from './shares.ts'
import { keysetOf, storedShare, type KnownKey } from './shares.ts'

/** A participant's mesh and signer over real sockets, with shares and a situation that the test sets. */
export type MeshNode = {
  identity: TlsIdentity
  participant: Participant
  mesh: Mesh
  sign: SignMessage
  counts: () => Counts
  shares: StoredShare[]
  /** What this node believes; undefined means that it has no fresh view. */
  phase: Phase | undefined
  /** What it says of itself in heartbeats. */
  clockOffMs: number
  block: Beat['block']
  close(): void
}

export type MeshOptions = {
  handlers?: [string, HandleRequest][] | ((identity: TlsIdentity) => [string, HandleRequest][])
  policy?: JudgeMessage
  onWanted?: (domainId: bigint, message: Uint8Array) => void
  log?: Logger
  beatEveryMs?: number
}

export async function openMeshNode(participantId: number, options: MeshOptions = {}): Promise<MeshNode> {
  const identity = newIdentity()
  const added = typeof options.handlers === 'function' ? options.handlers(identity) : (options.handlers ?? [])
  const { log = silentLogger, policy = ANY_PARTICIPANT, onWanted = () => undefined, beatEveryMs } = options
  const pace = beatEveryMs === undefined ? {} : { beatEveryMs }
  const shares: StoredShare[] = []
  const situation: KnowSituation = {
    phase() {
      if (node.phase === undefined) throw new HoldfastError('VIEW_STALE', 'no fresh view')
      return node.phase
    },
  }
  const store = holding(shares)
  const { count, read: counts } = createCounts()
  const handlers = new Map([...cosigningHandlers({ situation, shares: store, policy, count }), ...added])
  const beat = (): Beat => ({ clockMs: Date.now() + node.clockOffMs, block: node.block })
  const mesh = createMesh({ connect: dialPeers(identity), handlers, beat, log, onConnected: () => undefined, ...pace })
  const meshServer = createMeshServer(identity, mesh)
  const port = await listenAnywhere(meshServer.server)
  const accountId = `node${participantId}.near`
  const node: MeshNode = {
    identity,
    participant: {
      accountId,
      participantId,
      info: { url: `http://127.0.0.1:${port}`, tls_public_key: identity.publicKeyText, incarnation: 0n },
    },
    mesh,
    sign: createSigner({ situation, shares: store, mesh, policy, onWanted, log, count }),
    counts,
    shares,
    phase: undefined,
    clockOffMs: 0,
    block: null,
    close() {
      mesh.close()
      meshServer.close()
    },
  }
  return node
}

/** Has every node take part with all others under the keys, and dials. */
export function joinNodes(nodes: MeshNode[], keys: KnownKey[], threshold: number): void {
  const participants = nodes.map(({ participant }) => participant)
  for (const node of nodes) {
    node.shares.splice(0, Infinity, ...keys.map((key) => storedShare(key, node.participant.participantId)))
    node.phase = participating(node.participant, participants, keysetOf(keys), threshold)
    node.mesh.setPeers(participants.filter((p) => p !== node.participant).map(peerOf))
  }
}

export function participating(
  self: Participant,
  participants: Participant[],
  keyset: Keyset,
  threshold: number,
): Phase {
  return {
    kind: 'participating',
    self,
    participants,
    active: participants.filter(({ accountId }) => accountId !== self.accountId),
    recovering: [],
    recoveringNodes: [],
    keyset,
    domains: keyset.domains.map(({ domain_id }) => ({
      id: domain_id,
      protocol: 'Frost',
      reconstruction_threshold: threshold,
      purpose: 'Sign',
    })),
    work: undefined,
    participantsRevision: 0n,
    successor: undefined,
  }
}

/** Shares that are simply there. */
export function holding(shares: StoredShare[]): KeepShares {
  const refuse = async () => {
    throw new HoldfastError('STORAGE_FAILED', 'this store only reads')
  }
  return {
    held: (epochId, key) =>
      shares.find(
        ({ share, key: text }) =>
          share.epochId === epochId &&
          share.domainId === key.domain_id &&
          share.attemptId === key.attempt &&
          text === groupKeyOf(key),
      ),
    all: () => shares,
    temporary: async () => undefined,
    storeTemporary: refuse,
    markStarted: refuse,
    promote: refuse,
    importShares: refuse,
    importOnTrial: refuse,
    settleTrial: refuse,
  }
}

function groupKeyOf(key: ReturnType<typeof keyForDomain>): string {
  return 'Ed25519' in key.key ? key.key.Ed25519.near_public_key_compressed : ''
}

export function listenAnywhere(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

export function addressPort(node: MeshNode): number {
  return Number(new URL(node.participant.info.url).port)
}
