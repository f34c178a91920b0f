import { addMachine } from '@holdfast/cli/devnet/machines.ts'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { waitForFinalKeys } from '@holdfast/cli/devnet/final-keys.ts'
import { createAccountActions, newKey } from '@holdfast/cli/devnet/new-account.ts'
import { OPERATOR_NAMES, presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { performAs } from '@holdfast/cli/devnet/set-up.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { planAuthorisation } from '@holdfast/cli/operator/plan.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'

/** An operator who takes no part yet: an account, a machine on disk and its access key. It is the last of the devnet's. */
export async function addNewcomer(devnet: Devnet): Promise<Operator> {
  const { root, rpcUrl } = devnet.chain
  const name = OPERATOR_NAMES[devnet.operators.length] ?? 'zoe'
  const newcomer: Operator = {
    name,
    accountId: `${name}.${root.accountId}`,
    ...newKey(),
    machines: [],
    backup: undefined,
  }
  const sender = createTransactionSender({ endpoints: [rpcUrl], accountId: root.accountId, signerSeed: root.seed })
  try {
    await sender.send(newcomer.accountId, createAccountActions(newcomer.publicKey), { signal: devnet.signal })
  } finally {
    sender.close()
  }
  await waitForFinalKeys({ rpcUrl, signal: devnet.signal }, [newcomer])
  devnet.operators.push(newcomer)
  const machine = await addMachine(devnet, newcomer)
  const [accessKey] = planAuthorisation(machine)
  if (accessKey !== undefined) await performAs(devnet, newcomer, [accessKey])
  return newcomer
}

/** Has everyone vote to hand the keys on to these operators; newcomers' nodes must be candidates, or soon be. */
export async function voteForResharing(devnet: Devnet, operators: Operator[], threshold: number): Promise<void> {
  const { state } = await devnet.reader.readView(devnet.signal)
  const running =
    state.kind === 'Running' ? state.state : state.kind === 'Recovery' ? state.state.previous_running_state : undefined
  if (running === undefined) throw new TypeError(`cannot reshare in ${state.kind}`)
  const { participants, next_id } = running.parameters.participants
  let nextId = Number(next_id)
  const members: Json[] = []
  for (const { accountId } of operators) {
    const stayer = participants.find(([account]) => account === accountId)
    if (stayer !== undefined) {
      const [, id, { url, tls_public_key }] = stayer
      members.push([accountId, id, { url, tls_public_key }])
    } else members.push([accountId, nextId++, await candidateInfo(devnet, accountId)])
  }
  const proposal = {
    parameters: { participants: { next_id: nextId, participants: members }, threshold },
    per_domain_thresholds: Object.fromEntries(running.domains.domains.map(({ id }) => [String(id), threshold])),
  }
  const args: Json = { prospective_epoch_id: running.keyset.epoch_id + 1n, proposal }
  const vote = [{ kind: 'call', method: 'vote_new_parameters', args, depositYocto: 0n }] as const
  const isStayer = ({ accountId }: Operator): boolean => participants.some(([account]) => account === accountId)
  await Promise.all(operators.filter(isStayer).map((operator) => performAs(devnet, operator, [...vote])))
  await Promise.all(operators.filter((operator) => !isStayer(operator)).map((one) => performAs(devnet, one, [...vote])))
}

/** What the contract has of a candidate, as soon as it is one. */
export async function candidateInfo(devnet: Devnet, accountId: string): Promise<Json> {
  return waitUntil(
    `the candidacy of ${accountId}`,
    async () => {
      const candidates = (await devnet.reader.viewMethod('participant_candidates', {}, devnet.signal)) as Record<
        string,
        { url: string; tls_public_key: string }
      >
      const { url, tls_public_key } = candidates[accountId] ?? {}
      return url === undefined || tls_public_key === undefined ? undefined : { url, tls_public_key }
    },
    { deadlineMs: 60_000, signal: devnet.signal },
  )
}

/** The operator's present node is a participant in the final state of this epoch. */
export function takesPart(devnet: Devnet, operator: Operator): Promise<true> {
  return waitUntil(
    `${operator.name} to take part`,
    async () => {
      const { state } = await devnet.reader.readView(devnet.signal)
      const members = state.kind === 'Running' ? state.state.parameters.participants.participants : []
      const own = members.find(([account]) => account === operator.accountId)
      return own?.[2].tls_public_key === presentMachine(operator).tlsKey ? (true as const) : undefined
    },
    { deadlineMs: 120_000, signal: devnet.signal },
  )
}
