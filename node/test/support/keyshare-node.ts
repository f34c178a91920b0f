import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { silentLogger, type Logger } from '@holdfast/protocol/log.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createKeyshareServer } from '../../src/keyshare-server/keyshare-server.ts'
import { createCounts } from '../../src/monitoring/counts.ts'
import type { Phase } from '../../src/phases/phase.ts'
import type { KeepShares } from '../../src/ports.ts'
import { connectTls, newIdentity } from './backup-client.ts'
import { listenAnywhere } from './mesh-node.ts'

export type KeyshareNode = Awaited<ReturnType<typeof openKeyshareNode>>
type Options = { shares: KeepShares; phase: Phase; aesKey?: Uint8Array; log?: Logger; requestMs?: number }

/** A key-share server over real sockets, with a registered client and a situation that the test sets. */
export async function openKeyshareNode({ shares, phase, aesKey, log = silentLogger, requestMs }: Options) {
  const identity: TlsIdentity = newIdentity()
  const client: TlsIdentity = newIdentity()
  const state: {
    phase: Phase
    registered: Ed25519KeyText | undefined
    isReadable: boolean
    stored: number
    reads: number
    next?: Phase
  } = {
    phase,
    registered: client.publicKeyText,
    isReadable: true,
    stored: 0,
    reads: 0,
  }
  const { count, read: counts } = createCounts()
  const keyshareServer = createKeyshareServer({
    count,
    identity,
    shares,
    aesKey,
    log,
    ...(requestMs !== undefined && { requestMs }),
    situation: {
      phase() {
        if (!state.isReadable) throw new HoldfastError('VIEW_STALE', 'the view is too old')
        return state.phase
      },
      async refresh() {
        state.phase = state.next ?? state.phase
      },
    },
    async readRegisteredClient() {
      state.reads += 1
      if (!state.isReadable) throw new HoldfastError('VIEW_STALE', 'the view is too old')
      return state.registered
    },
    onStored: () => (state.stored += 1),
  })
  const port = await listenAnywhere(keyshareServer.server)
  return {
    client,
    state,
    counts,
    server: keyshareServer,
    port,
    connect: (as: TlsIdentity = client) => connectTls('127.0.0.1', port, as, identity.publicKeyText),
    close: () => keyshareServer.close(),
  }
}
