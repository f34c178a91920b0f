import { doubtful, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Network } from '../network/port.ts'
import { describeRegistration, registrationOf, type Registration } from '../registration/registration.ts'

export type OwnKeys = {
  home: string
  accountId: string
  contractId: string
  tlsKey: Ed25519KeyText
  signerKey: Ed25519KeyText
}

/** What the contract thinks of this operator and of his backup service. Decided from the view alone. */
export function checkAccount(
  view: Pick<ContractView, 'state' | 'migrationInfo'>,
  own: OwnKeys,
  network: Pick<Network, 'kind' | 'howToRegister'>,
): { findings: Finding[]; registration: Registration } {
  const registration = registrationOf(view, own.accountId, own.tlsKey)
  return {
    findings: [accountFinding(view, own, registration), registrationFinding(registration, own, network)],
    registration,
  }
}

function accountFinding(
  { state }: Pick<ContractView, 'state'>,
  { accountId, contractId }: OwnKeys,
  { kind }: Registration,
): Finding {
  const check = 'account'
  const participant = participantOf(state, accountId)
  if (participant !== undefined)
    return well(check, `${accountId} takes part as participant ${participant.participantId}`)
  if (kind === 'not-initialized')
    return doubtful(check, `the contract ${contractId} is not initialised`, 'wait until the network is made')
  if (kind !== 'not-participating')
    return doubtful(check, `${accountId} is to take part once the resharing ends`, 'nothing: the service waits for it')
  return wrong(
    check,
    `${accountId} takes no part in the network of ${contractId}`,
    "compare account_id with the operator's account in the contract's state, and contract_id with that of the others",
  )
}

function registrationFinding(
  registration: Registration,
  { home, accountId, contractId, tlsKey, signerKey }: OwnKeys,
  { kind, howToRegister }: Pick<Network, 'kind' | 'howToRegister'>,
): Finding {
  const check = 'registration'
  const found = describeRegistration(registration, accountId, contractId)
  const todo = `${howToRegister(accountId, tlsKey)} (holdfast register --home ${home} --dry-run prints the near-cli commands)`
  switch (registration.kind) {
    case 'not-initialized':
    case 'not-participating':
      return doubtful(check, found, 'first see to what is said of the contract and the account')
    case 'none':
      return wrong(check, found, todo)
    case 'other-key':
      return wrong(
        check,
        `${found}; this one has ${tlsKey}`,
        `the node hands its shares to one service only: if it is to be this one, ${todo}`,
      )
    case 'registered':
      if (kind === 'holdfast' && registration.signerKey !== signerKey) {
        const signer = registration.signerKey ?? 'no signer key'
        return wrong(check, `registered with ${signer}, this one signs with ${signerKey}`, todo)
      }
      return well(check, `${found}, TLS key ${tlsKey}`)
    default:
      registration satisfies never
      throw new TypeError('unknown registration')
  }
}
