import { parseCandidates, type Candidates } from '@holdfast/protocol/contract-state.ts'
import { liveRunningState, participantsOf } from '@holdfast/protocol/live-state.ts'
import { proposeParameters } from '../operator/propose-parameters.ts'
import { planParameterVote } from '../operator/plan.ts'
import type { Devnet } from './devnet.ts'
import type { Operator } from './operator.ts'
import { performAs } from './set-up.ts'
import { waitUntil } from './wait-until.ts'

/**
 * What `holdfast vote-new-parameters` does, by everybody that it takes: hands the keys on to exactly these operators, whose
 * threshold is that of governance and of every key. Newcomers' nodes must be candidates, or soon be; they vote last.
 */
export async function voteToReshare(devnet: Devnet, operators: Operator[], threshold: number): Promise<void> {
  const { state } = await devnet.reader.readView(devnet.signal)
  const present = participantsOf(state).map(({ accountId }) => accountId)
  const wanted = operators.map(({ accountId }) => accountId)
  const add = wanted.filter((account) => !present.includes(account))
  for (const account of add) await waitForCandidate(devnet, account)
  const domains = liveRunningState(state)?.domains.domains ?? []
  const { args } = proposeParameters(state, await candidatesOf(devnet), {
    add,
    remove: present.filter((account) => !wanted.includes(account)),
    threshold,
    domainThresholds: new Map(domains.map(({ id }) => [id, threshold])),
  })
  const isNewcomer = ({ accountId }: Operator): boolean => add.includes(accountId)
  const vote = (operator: Operator): Promise<void> => performAs(devnet, operator, planParameterVote(args))
  await Promise.all(operators.filter((operator) => !isNewcomer(operator)).map(vote))
  await Promise.all(operators.filter(isNewcomer).map(vote))
}

/** Waits until the contract has an account's node among its candidates. */
export function waitForCandidate(devnet: Devnet, accountId: string): Promise<true> {
  return waitUntil(
    `the candidacy of ${accountId}`,
    async () => (accountId in (await candidatesOf(devnet)) ? (true as const) : undefined),
    { deadlineMs: 60_000, signal: devnet.signal },
  )
}

async function candidatesOf({ reader, signal }: Devnet): Promise<Candidates> {
  return parseCandidates(await reader.viewMethod('participant_candidates', {}, signal))
}
