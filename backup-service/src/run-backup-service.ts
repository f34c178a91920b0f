import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { FileLock } from '@holdfast/protocol/file-lock.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { DEFAULT_MONITORING_HOST } from '@holdfast/protocol/monitoring/monitoring-config.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { distinctNames } from '@holdfast/protocol/rpc/endpoint-names.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { CallContract, EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'
import { ONE_ENDPOINT_IS_BELIEVED } from '@holdfast/protocol/rpc/quorum-size.ts'
import { readAgeIdentity } from './age-identity.ts'
import { answerFiles, requestFile } from './approval/adapters/approval-files.ts'
import { followRequest } from './approval/follow-request.ts'
import { contractConfirmation } from './adapters/contract-confirmation.ts'
import { lockDirectory } from './adapters/directory-lock.ts'
import { mutualTlsNode } from './adapters/mutual-tls-node.ts'
import { pollingObserver } from './adapters/polling-observer.ts'
import { storeInProcess } from './adapters/store-process.ts'
import {
  DEFAULT_GRACE_DAYS,
  freshnessLimits,
  placesOf,
  readConfig,
  upkeepIntervals,
  type BackupConfig,
} from './config.ts'
import { createEndpointLog } from './freshness/endpoint-log.ts'
import { probeEndpoints, type ProbeReport } from './freshness/probe-endpoints.ts'
import { readProvedEndpoints } from './freshness/proved-endpoints.ts'
import { homePaths, inHome } from './home-paths.ts'
import { readIdentity, type Identity } from './identity.ts'
import { DEEP_MS, Keeper, LOOK_MS } from './keeper.ts'
import { readNearMpcKeys } from './near-mpc-key.ts'
import { networkIdentifier } from './network/identify.ts'
import { openPlace, openRepository, repositorySettings } from './repository-settings.ts'
import { serve } from './service.ts'
import { tellServed } from './tell-served.ts'
import { httpTargets } from './notify/adapters/http-target.ts'
import { startNotifier, type Notifier } from './notify/notifier.ts'
import { stateFile } from './notify/state.ts'
import { watchOperator } from './notify/watch-operator.ts'
import { createReport } from './status/report.ts'
import { parseStatus, type Facts, type Status } from './status/status.ts'
import { upkeepProcess } from './upkeep/adapters/upkeep-process.ts'
import { readChecks } from './upkeep/checks.ts'
import { wipeDrillLeftovers } from './upkeep/leftovers.ts'
import { createUpkeep } from './upkeep/upkeep.ts'

const REQUEST_TIMEOUT_MS = 5_000
const NOBODY_IS_TOLD =
  'nobody is told of anything but by this log: add notifications to the config, so that a recovery that is not yours is not silent'
const DAY_MS = 86_400_000

type RunOptions = { home: string; signal: AbortSignal; log: Logger }

/**
 * Runs the backup service of a home until `signal` aborts, then returns: whatever was under way is stopped, nothing is
 * lost. Everything that a start needs is read first, so that a wrong home is refused before the chain is asked.
 * @throws HoldfastError `CONFIG_*`, `ALREADY_RUNNING`, `LOCK_FAILED`, `KEYS_MISSING`, `SECRET_FILE_EXPOSED`, `AGE_IDENTITY_INVALID`,
 * `NEAR_MPC_KEY_INVALID`, `ENDPOINT_*`, `REPOSITORY_UNREADABLE`, `OBSERVER_LOST`; which exit code each means: protocol/src/exit-codes.ts.
 */
export async function runBackupService(options: RunOptions): Promise<void> {
  const { home } = options
  const config = await readConfig(homePaths(home).config)
  const directories = await usableDirectories(home, config)
  const locks: FileLock[] = []
  try {
    for (const directory of new Set([resolve(home), ...directories])) locks.push(await lockDirectory(directory))
    await runLocked(options, config)
  } finally {
    for (const lock of locks) lock.release()
  }
}

/**
 * The places of this machine that are there. A disk that is not mounted is not an empty repository: where nothing else is
 * left, there is no start.
 */
async function usableDirectories(home: string, config: BackupConfig): Promise<string[]> {
  const directories: string[] = []
  const faults: string[] = []
  for (const place of placesOf(config)) {
    if (place.kind !== 'directory') continue
    try {
      await openPlace(home, place).list(new AbortController().signal)
      directories.push(inHome(home, place.path))
    } catch (error) {
      faults.push(errorMessage(error))
    }
  }
  const elsewhere = placesOf(config).length - directories.length - faults.length
  if (directories.length > 0 || elsewhere > 0) return directories
  throw new HoldfastError('REPOSITORY_UNREADABLE', `cannot start: ${faults.join('; ')}`)
}

async function runLocked({ home, signal, log }: RunOptions, config: BackupConfig): Promise<void> {
  const paths = homePaths(home)
  const identity = await readIdentity(paths.identity)
  const age = await readAgeIdentity(home, config)
  const tls = createTlsIdentity(identity.tlsSeed)
  const nearMpcKeys = await readNearMpcKeys(home, config)
  const owner = { accountId: config.account_id, contractId: config.contract_id }
  const settings = repositorySettings(home, config, {
    tlsSeed: identity.tlsSeed,
    ageIdentity: age.identity,
    ageIdentitySource: age.source,
  })
  const repository = { ...(await openRepository(settings)), ...storeInProcess(settings) }

  let notifier: Notifier | undefined
  let latest: Facts | undefined
  let lastTickMs = Date.now()
  const report = createReport({
    file: paths.status,
    ...owner,
    ownTlsKey: tls.publicKeyText,
    endpoints: distinctNames(config.rpc_urls.map((url) => new URL(url).host)),
    earlier: await earlierStatus(paths.status),
    onFacts: (facts) => {
      latest = facts
      notifier?.facts(facts)
    },
    onWriteError: (error) => log.warn({ err: error }, 'the status file cannot be written'),
  })
  const sayEndpoint = createEndpointLog(log)
  const noteEndpoint = (event: EndpointEvent | ProbeReport): void => sayEndpoint(event, report.endpoint(event))
  const freshness = freshnessLimits(config)
  const reader = createContractReader({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    quorum: config.rpc_quorum,
    // A view that is too old to act on still tells what must not go on.
    maxViewAgeMs: freshness.closedMs,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    onEndpoint: noteEndpoint,
  })
  let client: CallContract | undefined
  for (const directory of await wipeDrillLeftovers(home)) log.warn({ directory }, 'wiped what a drill had left behind')
  log.info(
    { contract_id: config.contract_id, account_id: config.account_id, tls_public_key: tls.publicKeyText },
    'the backup service starts',
  )
  if (config.rpc_urls.length === 1) log.warn({}, ONE_ENDPOINT_IS_BELIEVED)
  const stopping = new AbortController()
  const stopAll = (): void => stopping.abort(signal.reason)
  signal.addEventListener('abort', stopAll, { once: true })
  let monitoring: { close(): Promise<void> } | undefined
  let watching: Promise<void> | undefined
  let probes: { ended: Promise<void> } | undefined
  try {
    notifier = await startNotifier({
      sender: owner,
      ownTlsKey: tls.publicKeyText,
      home: resolve(home),
      targets: httpTargets(config.notifications ?? [], { home, env: process.env }),
      keep: stateFile(paths.notifications),
      log,
      onChange: () => notifier !== undefined && report.notifications(notifier.state()),
    })
    report.notifications(notifier.state())
    const monitored = latest
    if (config.monitoring !== undefined && monitored !== undefined) {
      const { startMonitoring } = await import('./metrics/monitoring.ts')
      const { host = DEFAULT_MONITORING_HOST, port } = config.monitoring
      monitoring = startMonitoring({
        host,
        port,
        pollIntervalMs: config.poll_interval_ms,
        facts: () => latest ?? monitored,
        lastTickMs: () => lastTickMs,
        places: settings,
        log,
      })
    }
    if (config.notifications === undefined) log.warn({}, NOBODY_IS_TOLD)
    const told = notifier
    watching = watchOperator({
      reader,
      accountId: config.account_id,
      onAuthorisation: (found) => told.authorisation(found),
      onRecoverability: (found) => report.recoverability(found),
      signal: stopping.signal,
    })
    probes = await probeEndpoints({
      urls: config.rpc_urls,
      contractId: config.contract_id,
      chainId: config.chain_id,
      proved: await readProvedEndpoints(paths.provedEndpoints, config.contract_id),
      timeoutMs: REQUEST_TIMEOUT_MS,
      onProbe: noteEndpoint,
      signal: stopping.signal,
    }).catch((error: unknown) => {
      // Stopped before it was told what the endpoints are: serving then ends before it begins.
      if (signal.aborted) return undefined
      throw error
    })
    await serve(
      {
        observer: pollingObserver(
          reader,
          networkIdentifier(reader, { contractId: config.contract_id }),
          config.poll_interval_ms,
        ),
        node: tellServed(mutualTlsNode({ identity: tls, ...nearMpcKeys }), (digest) => report.served(digest)),
        contract: contractConfirmation(async () => (client = await connect(config, identity))),
        repository,
        keeper: new Keeper(repository, {
          accountId: config.account_id,
          graceMs: (config.retention?.grace_days ?? DEFAULT_GRACE_DAYS) * DAY_MS,
          automatic: config.retention?.automatic ?? true,
          lookMs: LOOK_MS,
          isRemote: settings.places.some(({ kind }) => kind !== 'directory'),
          deepMs: DEEP_MS,
        }),
        approval: followRequest({
          policy: config.restore_approval ?? { mode: 'auto' },
          requests: requestFile(paths.restoreRequest),
          answers: answerFiles(paths.restoreAnswers),
          onWriteError: (error) => log.warn({ err: error }, 'the request for a restore cannot be written down'),
        }),
        upkeep: await createUpkeep({
          perform: upkeepProcess(home, age),
          read: () => readChecks(paths.checks),
          intervals: upkeepIntervals(config),
          onChecks: (checks) => report.checks(checks),
          log,
        }),
        report: {
          ...report,
          view(view, network) {
            report.view(view, network)
            told.network(network.label)
            told.view(view)
          },
          restored(work, restored, times) {
            report.restored(work, restored, times)
            // A recovery shows its delivery in the contract, where the notifier sees it.
            if (work.claim === 'migration' && times === 1) told.delivered(work, restored)
          },
          grade(grade) {
            // Every look at the chain ends with it, whatever it came to.
            lastTickMs = Date.now()
            report.grade(grade)
          },
        },
        log,
      },
      {
        accountId: config.account_id,
        keysharesPort: config.keyshares_port,
        ownTlsKey: tls.publicKeyText,
        freshness,
      },
      signal,
    )
  } finally {
    signal.removeEventListener('abort', stopAll)
    stopping.abort()
    await Promise.all([probes?.ended, watching])
    await notifier?.close()
    await monitoring?.close()
    reader.close()
    client?.close()
  }
  log.info({}, 'the backup service has stopped')
}

async function connect(config: BackupConfig, { signerSeed }: Identity): Promise<CallContract> {
  const { createContractClient } = await import('@holdfast/protocol/contract-client.ts')
  return createContractClient({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    accountId: config.account_id,
    signerSeed,
  })
}

/** A status that cannot be read is only a status: the repository and the contract say what is true. */
async function earlierStatus(file: string): Promise<Status | undefined> {
  try {
    return parseStatus(await readFile(file, 'utf8'), file)
  } catch {
    return undefined
  }
}
