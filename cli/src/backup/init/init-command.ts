import { printable } from '@holdfast/protocol/printable.ts'
import { findChain } from '@holdfast/backup-service/freshness/find-chain.ts'
import { examineSetUp } from '@holdfast/backup-service/doctor/examine-backup.ts'
import { inHome } from '@holdfast/backup-service/home-paths.ts'
import { initBackupService, type InitResult } from '@holdfast/backup-service/init-backup-service.ts'
import { keepNearMpcKey, NEAR_MPC_KEY_VARIABLE } from '@holdfast/backup-service/near-mpc-key.ts'
import { lookAtNetwork, type Sight } from '@holdfast/backup-service/registration/look-at-network.ts'
import { registrationOf } from '@holdfast/backup-service/registration/registration.ts'
import { BACKUP_SERVICE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { planRegistrationOn } from '../../operator/plan-registration.ts'
import { nearCliText } from '../../operator/render-action.ts'
import { nearCliNetwork } from '../../operator/target.ts'
import { chooseQuorum, warnOfOneEndpoint } from '../../rpc-quorum.ts'
import { shutdownSignal } from '../../shutdown.ts'
import { importShares, type ImportOutcome } from './import-shares.ts'
import { askedChain, configOf, type InitOptions } from './options.ts'
import { renderMade, renderReady } from './render.ts'
import { adoptedTlsKey, nearMpcKeyOf } from './take-over.ts'
import { waitForRegistration } from './wait-for-registration.ts'

/** For each question to an endpoint. */
const QUESTION_MS = 5_000
/** A node follows the chain by itself: how long it may take to see what has just been registered. */
const NODE_PATIENCE_MS = 20_000

/**
 * `holdfast backup init`: makes the home, says how to register it, waits for that where somebody watches, and examines it all.
 * The home is whole before anything is waited for.
 */
export async function initCommand(options: InitOptions): Promise<void> {
  const signal = shutdownSignal()
  const chain = askedChain(options)
  const adopted = await adoptedTlsKey(options)
  const { chainId, notes } = await findChain({
    urls: options.rpc,
    contractId: options.contract,
    chainId: chain,
    timeoutMs: QUESTION_MS,
    signal,
  })
  for (const note of notes) console.error(printable(`note: the RPC endpoint ${note}`))
  const reader = createContractReader({
    endpoints: options.rpc,
    contractId: options.contract,
    quorum: chooseQuorum(options.rpcQuorum, options.rpc.length),
    maxViewAgeMs: options.maxViewAge * 1_000,
    requestTimeoutMs: QUESTION_MS,
  })
  try {
    const sight = await lookAtNetwork(reader, options.contract, signal)
    const aes = await nearMpcKeyOf(options, sight.kind === 'seen' ? sight.network.kind : undefined)
    const config = await configOf(options, { chainId, nearMpcKeyFile: aes.file })
    const made = await initBackupService({ home: options.home, config, adopted })
    if (aes.file !== undefined && aes.content !== undefined)
      await keepNearMpcKey(inHome(options.home, aes.file), aes.content, NEAR_MPC_KEY_VARIABLE)
    warnOfOneEndpoint(options.rpc.length)
    await register({ options, made, reader, sight, chainId, signal })
  } finally {
    reader.close()
  }
}

type Made = {
  options: InitOptions
  made: InitResult
  reader: ReadContract
  sight: Sight
  chainId: string | undefined
  signal: AbortSignal
}

async function register({ options, made, reader, sight, chainId, signal }: Made): Promise<void> {
  const { home, account: accountId, contract: contractId, json } = options
  const { tlsPublicKey: tlsKey, signerPublicKey: signerKey } = made
  // A network that cannot be seen yet may become either; what a Holdfast contract needs is what both take.
  const network = sight.kind === 'seen' ? sight.network : undefined
  const isRegistered = (seen: Sight): boolean =>
    seen.kind === 'seen' && registrationOf(seen.view, accountId, tlsKey).kind === 'registered'
  const registered = isRegistered(sight)
  const target = { accountId, contractId, network: nearCliNetwork(chainId, options.rpc) }
  const nearCli = registered
    ? []
    : planRegistrationOn(network?.kind ?? 'holdfast', { tlsKey, signerKey }).map((each) => nearCliText(each, target))
  const imported: ImportOutcome | undefined =
    options.adopt === undefined ? undefined : await importShares(home, made.age(), options.adopt, signal)
  if (!json) console.log(renderMade({ options, made, network, chainId, registered, nearCli, imported }))
  const waits = !registered && (options.wait ?? (json !== true && process.stderr.isTTY === true))
  if (waits) await waitForRegistration({ home, reader, accountId, contractId, tlsKey, signal })
  const findings = await examineSetUp({
    home,
    serviceMethods: BACKUP_SERVICE_METHODS,
    age: made.age(),
    patienceMs: waits ? NODE_PATIENCE_MS : 0,
    signal,
  })
  if (!json) return console.log(renderReady(home, findings, waits || registered))
  const about = { public_key: tlsKey, signer_account_pk: signerKey, network: network?.label ?? null }
  const then = { registered: waits || registered, near_cli: nearCli, imported: imported?.kind ?? null, findings }
  console.log(JSON.stringify({ ...about, ...then }))
}
