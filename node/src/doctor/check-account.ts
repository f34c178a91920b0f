import { checkAccessKey } from '@holdfast/protocol/doctor/check-access-key.ts'
import { doubtful, failed, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { NodeConfig } from '../config/config.ts'
import type { NodeIdentity } from '../identity/identity.ts'
import { concludedAs, tookPartBefore } from '../identity/life.ts'
import { LIMITS } from '../limits.ts'
import { decidePhase } from '../phases/decide-phase.ts'
import { waitsFor } from '../phases/describe-phase.ts'
import type { OwnFacts } from '../phases/facts.ts'
import type { Phase } from '../phases/phase.ts'
import { createFactsReader } from '../wiring/contract-facts.ts'

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
  const { account_id: accountId, contract_id: contractId, rpc_urls: rpcUrls } = config
  const wanted = { accountId, contractId, rpcUrls, signerKey: identity.signerKey, methods: nodeMethods }
  const todo = `holdfast authorise adds it to ${accountId}, and so does holdfast migrate for a planned move`
  if (phase?.kind === 'participating' && phase.successor !== undefined) {
    findings.push(
      doubtful(
        'planned move',
        `to the node with TLS key ${phase.successor.tls_public_key} at ${phase.successor.url}; this node goes on until then`,
        'holdfast node status on the new machine says what it waits for; if nobody planned it: holdfast cancel-migration',
      ),
    )
  }
  findings.push(await checkAccessKey({ ...wanted, todo, timeoutMs: LIMITS.viewMs }, signal))
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
