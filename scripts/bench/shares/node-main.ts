import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openThrowawayNode } from '@holdfast/node/drill/throwaway-node.ts'
import { createKeyshareServer } from '@holdfast/node/keyshare-server/keyshare-server.ts'
import { openShareDirectory } from '@holdfast/node/storage/share-directory.ts'
import { openShareStore } from '@holdfast/node/storage/share-store.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { dealKeyset } from '../../../backup-service/test/support/dealt-keyset.ts'
import type { NodeReady, NodeTask } from './messages.ts'

/** The node's side of the bench: one that serves shares from its disk, and a new one that awaits them. */
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-node-'))
process.once('message', (task: NodeTask) => void serve(task).then((ready) => process.send?.(ready)))
process.once('disconnect', () => void rm(directory, { recursive: true, force: true }).then(() => process.exit()))

async function serve({ domains, threshold, participantId, clientTlsKey }: NodeTask): Promise<NodeReady> {
  const curves = Array.from({ length: domains }, (_, i) =>
    i % 2 === 0 ? ('Ed25519' as const) : ('Secp256k1' as const),
  )
  const { json, keyset, sharesOf } = dealKeyset({ threshold, domains: curves })
  const shares = await openShareStore(await openShareDirectory(join(directory, 'shares'), writeDurably))
  await shares.importShares(keyset, sharesOf(participantId))
  const identity = createTlsIdentity(new Uint8Array(32).fill(11))
  const { server } = createKeyshareServer({
    identity,
    shares,
    aesKey: undefined,
    situation: { phase: () => ({ kind: 'waitingForContract' }), refresh: async () => undefined },
    readRegisteredClient: async () => clientTlsKey,
    onStored: () => undefined,
    log: silentLogger,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fresh = await openThrowawayNode({ directory: join(directory, 'new'), keyset, participantId, clientTlsKey })
  const address = (port: number, tlsPublicKey: Ed25519KeyText) => ({ host: '127.0.0.1', port, tlsPublicKey })
  return {
    keyset: stringifyJson(json),
    serving: address((server.address() as AddressInfo).port, identity.publicKeyText),
    awaiting: address(fresh.port, fresh.tlsPublicKey),
  }
}
