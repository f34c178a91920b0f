import { concludedKeyset, concludedKeysetJson } from '@holdfast/protocol/concluded-keyset.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { checkAccessKey } from '@holdfast/protocol/doctor/check-access-key.ts'
import { checkClock } from '@holdfast/protocol/doctor/check-clock.ts'
import { checkEndpoints, checkNumber } from '@holdfast/protocol/doctor/check-endpoints.ts'
import { checkRoom } from '@holdfast/protocol/doctor/check-room.ts'
import { contractUnread } from '@holdfast/protocol/doctor/contract-unread.ts'
import { well, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { AgeIdentity } from '../age-identity.ts'
import type { BackupConfig } from '../config.ts'
import { networkIdentifier } from '../network/identify.ts'
import type { Network } from '../network/port.ts'
import { checkAccount } from './check-account.ts'
import { beingReplaced, checkDestination } from './check-destination.ts'
import { checkHome, checkNotifications, type HomeFacts } from './check-home.ts'
import { checkNode } from './check-node.ts'
import { checkIdentity, checkPlaces } from './check-repository.ts'
import { checkService } from './check-service.ts'

const QUESTION_MS = 5_000

export type ExamineOptions = {
  home: string
  /** The contract's methods that the service's access key must allow, on a network that has receipts. */
  serviceMethods: readonly string[]
  /** Where the caller has it already: it may come from somebody who is not asked twice. */
  age?: AgeIdentity
  /** How long the node may take to see what the contract says of this service, in milliseconds. */
  patienceMs?: number
  signal: AbortSignal
}

/**
 * Looks at everything that a backup service needs, on this machine, on the chain and at its node, and changes nothing; whether
 * the service runs or not. What one check finds is a finding, not an error.
 * @throws only the signal's reason
 */
export async function examineBackup(options: ExamineOptions): Promise<Finding[]> {
  return [...(await examineSetUp(options)), await checkService(options.home)]
}

/** All of it but whether the service runs: for a home that is being made. @throws only the signal's reason */
export async function examineSetUp(options: ExamineOptions): Promise<Finding[]> {
  const { home, age, signal } = options
  const facts = await checkHome(home)
  const { findings, config, identity } = facts
  if (config === undefined) return findings
  if (identity !== undefined) findings.push(await checkIdentity(home, config, identity.tlsSeed, age))
  findings.push(...(await checkPlaces(home, config, signal)), await checkRoom(home))
  findings.push(checkNotifications(home, config))
  findings.push(...(await checkNetwork(config, facts, options)))
  return findings
}

async function checkNetwork(config: BackupConfig, facts: HomeFacts, options: ExamineOptions): Promise<Finding[]> {
  const { signal } = options
  const { rpc_urls: rpcUrls, contract_id: contractId, chain_id: chainId } = config
  const findings = [checkNumber(rpcUrls)]
  findings.push(...(await checkEndpoints({ rpcUrls, contractId, chainId, timeoutMs: QUESTION_MS }, signal)))
  const reader = createContractReader({
    endpoints: rpcUrls,
    contractId,
    quorum: config.rpc_quorum,
    maxViewAgeMs: config.max_view_age_seconds * 1_000,
    requestTimeoutMs: QUESTION_MS,
  })
  try {
    const view = await reader.readView(signal)
    const agreed = `agreed by ${config.rpc_quorum} of ${rpcUrls.length} at block ${view.block.height}`
    findings.push(checkClock(view.block.timestampMs, Date.now()))
    const network = await networkIdentifier(reader, { contractId }).identify(view, signal)
    findings.push(well('contract', `${network.label}, ${view.state.kind}, ${agreed}`))
    findings.push(...(await checkOwn(config, facts, view, network, options)))
  } catch (error) {
    signal.throwIfAborted()
    findings.push(contractUnread(error))
  } finally {
    reader.close()
  }
  return findings
}

/** What there is of this operator on the chain, and his node. */
async function checkOwn(
  config: BackupConfig,
  { identity, nearMpcKeys, ownKey }: HomeFacts,
  view: ContractView,
  network: Network,
  { home, serviceMethods, patienceMs = 0, signal }: ExamineOptions,
): Promise<Finding[]> {
  if (identity === undefined) return []
  const { account_id: accountId, contract_id: contractId, rpc_urls: rpcUrls } = config
  const signerKey = publicKeyOfSeed(identity.signerSeed)
  const own = { home, accountId, contractId, tlsKey: identity.tls.publicKeyText, signerKey }
  const { findings, registration } = checkAccount(view, own, network)
  if (network.kind === 'holdfast') {
    const todo = network.howToRegister(accountId, own.tlsKey)
    const wanted = { accountId, contractId, rpcUrls, signerKey, methods: serviceMethods, todo, timeoutMs: QUESTION_MS }
    findings.push(await checkAccessKey(wanted, signal))
  }
  const participant = participantOf(view.state, accountId)
  if (participant === undefined) return findings
  const keyset = concludedKeyset(view.state)
  const live = keyset === undefined ? undefined : { keyset, json: concludedKeysetJson(view.stateJson) }
  const request = network.restoreRequest(view, accountId)
  const lostAdvice = request === undefined ? `if it is lost: ${network.howToAskForRestore}` : undefined
  const way = { keysharesPort: config.keyshares_port, identity: identity.tls }
  const node = { ...way, participant, nearMpcKeys, live, ownKey, registration, patienceMs, lostAdvice }
  const present = await checkNode(node, signal)
  if (request === undefined) return [...findings, ...present]
  const destination = await checkDestination(request, { ...way, network }, signal)
  return [...findings, ...present.map(beingReplaced), ...destination]
}
