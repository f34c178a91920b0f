import type { Json } from '@holdfast/protocol/json.ts'
import type { CallOutcome } from '@holdfast/protocol/rpc/ports.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { signingDomain } from '../domain-option.ts'
import { initArguments, leastGovernanceThreshold } from '../operator/init-parameters.ts'
import { perform } from '../operator/perform.ts'
import { planAuthorisation, planDomainVote, planRegistration, type OperatorAction } from '../operator/plan.ts'
import type { Devnet } from './devnet.ts'
import { waitForFinalKeys } from './final-keys.ts'
import { createAccountActions, type Key, newKey } from './new-account.ts'
import { waitForAuthorisation } from './waits.ts'
import { OPERATOR_NAMES, presentMachine, type Operator } from './operator.ts'

/** Names the operators; their accounts do not exist yet. */
export function nameOperators(devnet: Devnet, count: number): void {
  for (const name of OPERATOR_NAMES.slice(0, count)) {
    const accountId = `${name}.${devnet.chain.root.accountId}`
    devnet.operators.push({ name, accountId, ...newKey(), machines: [], backup: undefined })
  }
}

/**
 * Creates the operators' accounts, and the contract's with the compiled contract on it. Each account is created with a
 * key of its own of the first account, so that they need not wait for each other.
 * @returns the contract account's key, which only `initialise` needs.
 */
export async function createAccounts(devnet: Devnet, wasm: Uint8Array): Promise<Key> {
  const contractKey = newKey()
  const accounts = [
    ...devnet.operators.map(({ accountId, publicKey }) => ({
      accountId,
      publicKey,
      deploy: [],
    })),
    {
      accountId: devnet.contractId,
      publicKey: contractKey.publicKey,
      deploy: [{ kind: 'deployContract', wasm } as const],
    },
  ]
  const { root } = devnet.chain
  const creators = accounts.map(() => newKey())
  const sendAsRoot = senderOf(devnet, root.accountId)
  await sendAsRoot(
    root.seed,
    root.accountId,
    creators.map(({ publicKey }) => ({ kind: 'addFullAccessKey', publicKey })),
  )
  await waitForFinalKeys(
    chainOf(devnet),
    creators.map(({ publicKey }) => ({ accountId: root.accountId, publicKey })),
  )
  await Promise.all(
    accounts.map(({ accountId, publicKey, deploy }, index) =>
      sendAsRoot((creators[index] as Key).seed, accountId, [...createAccountActions(publicKey), ...deploy]),
    ),
  )
  await waitForFinalKeys(chainOf(devnet), accounts)
  return contractKey
}

/** Initialises the contract: the present machines are its participants. */
export async function initialise(devnet: Devnet, contractKey: Key): Promise<void> {
  const participants = devnet.operators.map((operator) => {
    const { address, tlsKey } = presentMachine(operator)
    return { accountId: operator.accountId, url: `http://${address}:${devnet.ports.mesh}`, tlsKey }
  })
  const threshold = Math.max(devnet.threshold, leastGovernanceThreshold(participants.length))
  const { keyEventTimeoutBlocks } = devnet
  const config = keyEventTimeoutBlocks === undefined ? {} : { key_event_timeout_blocks: keyEventTimeoutBlocks }
  const args: Json = { ...initArguments(participants, threshold), init_config: config }
  const send = senderOf(devnet, devnet.contractId)
  await send(contractKey.seed, devnet.contractId, [{ kind: 'call', method: 'init', args }])
}

/** What `holdfast authorise` does, for an operator's present machine; waits until the authorisation is final. */
export async function authoriseMachine(devnet: Devnet, operator: Operator): Promise<void> {
  const machine = presentMachine(operator)
  await performAs(devnet, operator, planAuthorisation(machine))
  await waitForAuthorisation(devnet, operator.accountId, machine.tlsKey)
}

/** What `holdfast register` does. */
export async function registerBackupMachine(devnet: Devnet, operator: Operator): Promise<void> {
  if (operator.backup === undefined) throw new TypeError(`${operator.name} has no backup service yet`)
  await performAs(devnet, operator, planRegistration(operator.backup))
}

/** What `holdfast vote-add-domains` does, by every operator: keys `first` to `first + count - 1`. */
export async function voteForKeys(devnet: Devnet, count: number, first = 0): Promise<void> {
  const domains = Array.from({ length: count }, (_, index) => signingDomain(first + index, devnet.threshold))
  await Promise.all(devnet.operators.map((operator) => performAs(devnet, operator, planDomainVote(domains))))
}

/** Performs actions with an operator's full-access key. */
export async function performAs(devnet: Devnet, operator: Operator, actions: OperatorAction[]): Promise<void> {
  const { accountId, seed } = operator
  const { contractId, chain, signal } = devnet
  await perform({ accountId, seed, contractId, rpcUrls: [chain.rpcUrl], actions, signal })
}

function chainOf({ chain, signal }: Devnet): { rpcUrl: string; signal: AbortSignal } {
  return { rpcUrl: chain.rpcUrl, signal }
}

type Send = ReturnType<typeof createTransactionSender>['send']

/** Sends one transaction of an account with any of its keys. */
export function senderOf(devnet: Devnet, accountId: string) {
  return async (signerSeed: Uint8Array, receiverId: string, actions: Parameters<Send>[1]): Promise<CallOutcome> => {
    const sender = createTransactionSender({ endpoints: [devnet.chain.rpcUrl], accountId, signerSeed })
    try {
      return await sender.send(receiverId, actions, { signal: devnet.signal })
    } finally {
      sender.close()
    }
  }
}
