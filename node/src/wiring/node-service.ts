import { join } from 'node:path'
import { ONE_ENDPOINT_IS_BELIEVED } from '@holdfast/protocol/rpc/quorum-size.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { DEFAULT_MONITORING_HOST } from '@holdfast/protocol/monitoring/monitoring-config.ts'
import { sleep, withDeadline } from '@holdfast/protocol/poll.ts'
import type { CallContract, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { readNodeConfig, type NodeConfig } from '../config/config.ts'
import { openControl, type ControlHandlers } from '../control/control-server.ts'
import { readIdentity, type NodeIdentity } from '../identity/identity.ts'
import { concludedAs, notedHeight, refuseTombstone, tookPartBefore } from '../identity/life.ts'
import { createConsentGiver } from '../cosigning/consent.ts'
import { createConsents } from '../cosigning/consents.ts'
import { cosignPolicyOf } from '../cosigning/cosign-config.ts'
import { createPolicy } from '../cosigning/create-policy.ts'
import { watchPolicy } from '../cosigning/declined-lately.ts'
import { createBroadcast } from '../key-events/broadcast.ts'
import { createEchoes } from '../key-events/echo.ts'
import { createKeyEventDriver } from '../key-events/key-event-driver.ts'
import { createShareMaker } from '../key-events/make-share.ts'
import { createKeygenSessions } from '../keygen/sessions.ts'
import { createKeyshareServer } from '../keyshare-server/keyshare-server.ts'
import { LIMITS } from '../limits.ts'
import type { Handlers } from '../mesh/guest.ts'
import { createMesh, type Mesh } from '../mesh/mesh.ts'
import { createMeshServer, dialPeers } from '../mesh/tls-mesh.ts'
import { createCounts } from '../monitoring/counts.ts'
import type { OwnFacts } from '../phases/facts.ts'
import { createRecoveryDriver } from '../recovery/recovery-driver.ts'
import { repairHandlers } from '../repair/help-repair.ts'
import { createRepairDriver } from '../repair/repair-driver.ts'
import { createDealerSessions } from '../resharing/sessions.ts'
import type { ExitReason } from '../run-node.ts'
import { cosigningHandlers } from '../signing/cosign.ts'
import { createSigner } from '../signing/sign.ts'
import { openShareDirectory } from '../storage/share-directory.ts'
import { lockHome, refuseExposedHome } from '../storage/home-lock.ts'
import { openShareStore } from '../storage/share-store.ts'
import { createActions } from './actions.ts'
import { readBackupKey } from './backup-key.ts'
import { bury } from './bury.ts'
import { createClosers } from './closers.ts'
import { createLazyContract } from './lazy-contract.ts'
import { createWaker } from './waker.ts'
import { listen } from './listen.ts'
import { followContract } from './follow-contract.ts'
import { createSituation } from './situation.ts'
import { nodeStatusJson } from './status.ts'

/** What tests replace. */
export type Adapters = {
  openReader(config: NodeConfig, log: Logger): ReadContract
  openContract(config: NodeConfig, identity: NodeIdentity): Promise<CallContract>
  /** What the node answers its peers: `own`, but for the dishonest nodes of the tests. */
  answers(own: Handlers, identity: NodeIdentity): Handlers
}

/**
 * Builds the node from its home, opens its sockets and follows the contract until it is stopped or superseded. What was
 * opened is closed again on every path, in reverse order.
 */
export async function runNodeService(
  home: string,
  signal: AbortSignal,
  log: Logger,
  adapters: Adapters = RPC_ADAPTERS,
): Promise<ExitReason> {
  await refuseExposedHome(home)
  await refuseTombstone(home)
  const config = await readNodeConfig(home)
  const identity = await readIdentity(home)
  const aesKey =
    config.backup_encryption_key_hex_file === undefined
      ? undefined
      : await readBackupKey(config.backup_encryption_key_hex_file)
  const closers = createClosers()
  try {
    // Nothing of the home is changed before it is this process's.
    const lock = await lockHome(home)
    closers.add(() => lock.release())
    const own: OwnFacts = {
      accountId: config.account_id,
      url: config.url,
      tlsKey: identity.tls.publicKeyText,
      signerKey: identity.signerKey,
      tookPart: await tookPartBefore(home),
      concludesAs: await concludedAs(home),
    }
    const stopping = new AbortController()
    const stop = AbortSignal.any([signal, stopping.signal])
    closers.add(() => stopping.abort())

    const situation = createSituation(config.max_view_age_seconds * 1000)
    const { count, read: counts } = createCounts()
    const control: { handlers?: ControlHandlers } = {}
    closers.add(await openControl(home, () => control.handlers ?? refuseWhileStarting(), log))
    const shares = await openShareStore(await openShareDirectory(join(home, 'shares'), writeDurably))
    const reader = adapters.openReader(config, log)
    closers.add(() => reader.close())
    const contract = createLazyContract(() => adapters.openContract(config, identity))
    closers.add(() => contract.close())
    if (!own.tookPart) contract.warmUp()

    const cosign = cosignPolicyOf(config.cosign)
    const consents = createConsents()
    const policy = watchPolicy(createPolicy(cosign, consents, log), log)
    const wake = createWaker()
    const broadcast = createBroadcast(config.contract_id, identity.tls)
    const echoes = createEchoes(broadcast)
    const keygen = createKeygenSessions(broadcast)
    const dealers = createDealerSessions()
    const mesh: Mesh = createMesh({
      connect: dialPeers(identity.tls),
      beat: () => ({ clockMs: Date.now(), block: situation.newest()?.view.block ?? null }),
      handlers: adapters.answers(
        new Map([
          ...cosigningHandlers({ situation, shares, policy, count }),
          ...echoes.handlers(),
          ...keygen.handlers(),
          ...dealers.handlers(),
          ...repairHandlers({ situation, shares, mesh: () => mesh }),
        ]),
        identity,
      ),
      log,
      onConnected: () => wake.now(),
    })
    closers.add(() => mesh.close())
    const meshServer = createMeshServer(identity.tls, mesh)
    const refresh = async () => {
      wake.now()
      await Promise.race([situation.changed(), sleep(LIMITS.refreshMs, stop)])
    }
    const keyshareServer = createKeyshareServer({
      identity: identity.tls,
      situation: { phase: situation.phase, refresh },
      shares,
      readRegisteredClient: async (readSignal) => {
        const view = await withDeadline((s) => reader.readView(s), LIMITS.viewMs, readSignal, 'reading the contract')
        return view.migrationInfo[config.account_id]?.[0]?.public_key
      },
      aesKey,
      log,
      count,
      onStored: () => wake.now(),
    })
    closers.add(() => keyshareServer.close())
    closers.add(() => meshServer.close())
    await listen(meshServer.server, config.listen.host, config.listen.mesh_port, 'mesh_port')
    await listen(keyshareServer.server, config.listen.host, config.listen.keyshares_port, 'keyshares_port')

    const actions = createActions({ signal: stop, log })
    const makeShare = createShareMaker({ keygen, dealers, echoes, broadcast, mesh, shares })
    const keyEvents = createKeyEventDriver({ makeShare, mesh, shares, contract, actions, log, count })
    closers.add(() => keyEvents.stop())
    const repair = createRepairDriver({
      choice: config.shares_from ?? 'either',
      mesh,
      shares,
      log,
      onStored: () => wake.now(),
    })
    closers.add(() => repair.stop())
    // Asking is consenting: another operator who asks for the same finds this node willing.
    const onWanted = (domainId: bigint, message: Uint8Array): void => {
      if (cosign.kind === 'own-operator') consents.give(domainId, message, LIMITS.consentSeconds * 1000)
    }
    control.handlers = {
      sign: createSigner({ situation, shares, mesh, policy, onWanted, log, count }),
      consent: createConsentGiver({ policy: cosign, consents, situation, shares }),
      status: () => nodeStatusJson({ own, situation, mesh, shares, repair, cosign, policy }),
    }
    log.info(
      { account_id: own.accountId, tls_public_key: own.tlsKey, signer_public_key: own.signerKey, url: own.url },
      'the node is up',
    )
    if (config.rpc_urls.length === 1) log.warn({}, ONE_ENDPOINT_IS_BELIEVED)
    let lastTickMs = Date.now()
    if (config.monitoring !== undefined) {
      const { startMonitoring } = await import('../monitoring/start-monitoring.ts')
      const { host = DEFAULT_MONITORING_HOST, port } = config.monitoring
      const monitoring = startMonitoring({
        host,
        port,
        accountId: own.accountId,
        contractId: config.contract_id,
        situation,
        mesh,
        shares,
        counts,
        pollIntervalMs: config.poll_interval_ms,
        lastTickMs: () => lastTickMs,
        log,
      })
      closers.add(() => void monitoring.close())
    }
    const ending = await followContract({
      home,
      own,
      notedHeight: await notedHeight(home),
      pollMs: config.poll_interval_ms,
      reader,
      situation,
      shares,
      mesh,
      keyshareServer,
      keyEvents,
      recovery: createRecoveryDriver({ own, shares, contract, actions }),
      repair,
      wake,
      onTick: () => (lastTickMs = Date.now()),
      log,
      signal: stop,
    })
    if (ending.kind === 'stopped') return ending
    // First of all it must do no more: whether the tombstone can be written is the disk's business.
    closers.closeAll()
    return { kind: 'superseded', why: ending.why, tombstone: await bury(home, ending.tombstone, log) }
  } finally {
    closers.closeAll()
  }
}

/** What a real node works with. */
export const RPC_ADAPTERS: Adapters = {
  openReader: (config, log) =>
    createContractReader({
      endpoints: config.rpc_urls,
      contractId: config.contract_id,
      quorum: config.rpc_quorum,
      maxViewAgeMs: config.max_view_age_seconds * 1000,
      requestTimeoutMs: LIMITS.viewMs,
      onEndpoint: ({ endpoint, kind, detail }) => log.info({ endpoint, kind, detail }, 'an RPC endpoint changed'),
    }),
  async openContract(config, identity) {
    const { createContractClient } = await import('@holdfast/protocol/contract-client.ts')
    return createContractClient({
      endpoints: config.rpc_urls,
      contractId: config.contract_id,
      accountId: config.account_id,
      signerSeed: identity.signerSeed,
    })
  },
  answers: (own) => own,
}

function refuseWhileStarting(): never {
  throw new HoldfastError('NODE_STARTING', 'the node is starting; ask again in a moment')
}
