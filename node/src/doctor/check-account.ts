import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { functionCallKeys, type FunctionCallKey } from '@holdfast/protocol/rpc/near-queries.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { NodeConfig } from '../config/config.ts'
import type { NodeIdentity } from '../identity/identity.ts'
import { concludedAs, tookPartBefore } from '../identity/life.ts'
import { LIMITS } from '../limits.ts'
import { decidePhase, type OwnFacts } from '../phases/decide-phase.ts'
import { waitsFor } from '../phases/describe-phase.ts'
import type { Phase } from '../phases/phase.ts'
import { createFactsReader } from '../wiring/contract-facts.ts'
import { doubtful, failed, well, wrong, type Finding } from './finding.ts'

type Parts = { home: string; config: NodeConfig; identity: NodeIdentity; reader: ReadContract; view: ContractView }

/** What the contract thinks of this node, and whether the account lets it speak. */
export async function checkAccount(
  { home, config, identity, reader, view }: Parts,
  nodeMethods: readonly string[],
  signal: AbortSignal,
): Promise<{ findings: Finding[]; phase: Phase | undefined }> {
  const own: OwnFacts = {
    accountId: config.account_id,
    url: config.url,
    tlsKey: identity.tls.publicKeyText,
    signerKey: identity.signerKey,
    tookPart: await tookPartBefore(home),
    concludesAs: await concludedAs(home),
  }
  const findings: Finding[] = []
  let phase: Phase | undefined
  try {
    phase = decidePhase(own, await createFactsReader(reader, own)(view, signal))
    findings.push(placeOf(phase))
  } catch (error) {
    findings.push(failed('place in the network', error, 'see why the contract cannot be read'))
  }
  if (phase?.kind === 'participating' && phase.self.info.url !== config.url) {
    const found = `the contract says ${phase.self.info.url}, config.json ${config.url}`
    findings.push(
      wrong(
        'url',
        found,
        'mend the config, or call update_participant_url: the other nodes dial what the contract says',
      ),
    )
  }
  findings.push(await checkAccessKey(config, identity.signerKey, nodeMethods, signal))
  const [backup] = view.migrationInfo[config.account_id] ?? []
  findings.push(
    backup === undefined || backup === null
      ? wrong(
          'backup service',
          'none is registered',
          'set one up on another machine: holdfast backup init, holdfast register',
        )
      : well('backup service', `registered, TLS key ${backup.public_key}`),
  )
  return { findings, phase }
}

function placeOf(phase: Phase): Finding {
  const check = 'place in the network'
  switch (phase.kind) {
    case 'participating':
      return well(check, `takes part as participant ${phase.self.participantId}, epoch ${phase.keyset.epoch_id}`)
    case 'joining':
    case 'awaitingShares':
    case 'requestRecovery':
    case 'waitingForRunning':
      return well(check, `${phase.kind}: waits for ${waitsFor(phase) ?? 'nothing'}`)
    case 'waitingForContract':
    case 'submitCandidate':
    case 'awaitingResharing':
      return doubtful(
        check,
        `${phase.kind}: waits for ${waitsFor(phase) ?? 'nothing'}`,
        'governance decides: see holdfast status',
      )
    case 'waitingForAuthorization':
      return wrong(check, 'not authorised to take its account’s place', phase.missing)
    case 'authorizedKeysDiffer':
    case 'waitingForOtherRecovery':
      return wrong(check, phase.kind, phase.problem)
    case 'superseded':
      return wrong(
        check,
        `replaced by the node with TLS key ${phase.found}`,
        'leave this machine off, or see holdfast node unbury --help',
      )
    default:
      phase satisfies never
      throw new TypeError('unknown phase')
  }
}

async function checkAccessKey(
  { account_id, contract_id, rpc_urls }: NodeConfig,
  signerKey: string,
  nodeMethods: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  const check = 'access key'
  const todo = `holdfast authorise adds it to ${account_id}`
  let last: unknown
  for (const url of rpc_urls) {
    const endpoint = createRpcEndpoint(url, LIMITS.viewMs)
    try {
      const keys = await functionCallKeys(endpoint, account_id, signal)
      return judgedKey(
        keys.find(({ publicKey }) => publicKey === signerKey),
        { contract_id, nodeMethods, todo, signerKey },
      )
    } catch (error) {
      last = error
    } finally {
      endpoint.close()
    }
  }
  return failed(check, last, `see whether the account ${account_id} exists`)
}

function judgedKey(
  key: FunctionCallKey | undefined,
  {
    contract_id,
    nodeMethods,
    todo,
    signerKey,
  }: { contract_id: string; nodeMethods: readonly string[]; todo: string; signerKey: string },
): Finding {
  const check = 'access key'
  if (key === undefined) return wrong(check, `the account has no function-call key ${signerKey}`, todo)
  if (key.receiverId !== contract_id) return wrong(check, `it is for ${key.receiverId}, expected ${contract_id}`, todo)
  const missing = key.methods.length === 0 ? [] : nodeMethods.filter((method) => !key.methods.includes(method))
  if (missing.length > 0)
    return wrong(check, `it may not call ${missing.join(', ')}`, `delete it and authorise anew: ${todo}`)
  return well(check, `on the account, for ${contract_id}`)
}
