import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { provePossession, type PossessionProof } from '@holdfast/protocol/possession-proof.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createKeyshareServer } from '../keyshare-server/keyshare-server.ts'
import type { AwaitingShares } from '../phases/phase.ts'
import { openShareDirectory } from '../storage/share-directory.ts'
import { openShareStore } from '../storage/share-store.ts'

/** What a drill's node recovers, and for whom. */
export type ThrowawayTask = {
  /** An empty directory of its own, mode 0700; who made it wipes it. */
  directory: string
  keyset: Keyset
  participantId: number
  /** The one backup service that it answers. */
  clientTlsKey: Ed25519KeyText
}

/** What a proof of possession is bound to beside the share's own name. */
export type ProofSubject = { challenge: string; contractId: string; accountId: string }

export type ThrowawayNode = {
  port: number
  tlsPublicKey: Ed25519KeyText
  /**
   * Reads the shares from the disk again, as a node does at its start, and proves the possession of each; in keyset order.
   * @throws HoldfastError `DRILL_SHARES_MISSING`, `SHARES_DAMAGED`
   */
  possession(subject: ProofSubject): Promise<PossessionProof[]>
  close(): void
}

const LOOPBACK = '127.0.0.1'

/**
 * A node that awaits its shares, for a drill: the key-share server and the storage of a real one, on loopback, with a TLS
 * key of its own and without a contract. It takes shares as a recovering node does: over mutual TLS, proved one by
 * one against the keyset, on disk before it says so.
 */
export async function openThrowawayNode(task: ThrowawayTask): Promise<ThrowawayNode> {
  const { directory, keyset, participantId, clientTlsKey } = task
  const identity = createTlsIdentity(randomBytes(32))
  const openStore = async () => openShareStore(await openShareDirectory(join(directory, 'shares'), writeDurably))
  const shares = await openStore()
  const phase = awaitingShares(task)
  const { server, close } = createKeyshareServer({
    identity,
    shares,
    aesKey: undefined,
    situation: { phase: () => phase, refresh: async () => undefined },
    readRegisteredClient: async () => clientTlsKey,
    onStored: () => undefined,
    log: silentLogger,
  })
  server.listen(0, LOOPBACK)
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    tlsPublicKey: identity.publicKeyText,
    async possession(subject) {
      const onDisk = await openStore()
      return keyset.domains.map((domain) => {
        const share = onDisk.held(keyset.epoch_id, domain)?.share
        if (share === undefined) {
          throw new HoldfastError(
            'DRILL_SHARES_MISSING',
            `the drill's node has no share of domain ${domain.domain_id} on disk, though it took the delivery`,
          )
        }
        const { epochId, domainId, attemptId, curve, privateShare } = share
        return provePossession({ ...subject, participantId, epochId, domainId, attemptId, curve }, privateShare)
      })
    },
    close,
  }
}

/** As a view shows it while the account recovers; the time is nobody's: this phase is not decided from a view. */
function awaitingShares({ keyset, participantId }: ThrowawayTask): AwaitingShares {
  return {
    kind: 'awaitingShares',
    claim: 'recovery',
    participantId,
    requestedAt: 0n,
    keyset,
    helpers: [],
    hasBackupService: true,
  }
}
