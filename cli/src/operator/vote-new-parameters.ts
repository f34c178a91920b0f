import { printable } from '@holdfast/protocol/printable.ts'
import { parseCandidates } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { planParameterVote } from './plan.ts'
import { proposeParameters, type ParameterChange, type ParameterVote } from './propose-parameters.ts'
import { readHome } from './read-home.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget, type Target } from './target.ts'
import { withReader } from './with-reader.ts'

export type VoteNewParametersOptions = OperatorOptions & {
  home?: string
  add?: string[]
  remove?: string[]
  threshold?: number
  domainThreshold?: Map<bigint, number>
}

/** @throws HoldfastError `PROPOSAL_IMPOSSIBLE`, `USAGE`, those of the contract's reader and of `runOperatorCommand` */
export async function voteNewParametersCommand(options: VoteNewParametersOptions): Promise<void> {
  const target = resolveTarget(options, options.home === undefined ? undefined : await readHome(options.home))
  if (target.rpcUrls.length === 0) {
    throw new HoldfastError('USAGE', 'missing option: --rpc; the proposal is made of what the contract says')
  }
  const vote = await readAndPropose(target, {
    add: options.add ?? [],
    remove: options.remove ?? [],
    threshold: options.threshold,
    domainThresholds: options.domainThreshold ?? new Map(),
  })
  if (!vote.staying.includes(target.accountId) && !vote.joining.includes(target.accountId)) {
    throw new HoldfastError(
      'PROPOSAL_IMPOSSIBLE',
      `${target.accountId} is to leave: only who stays or joins may vote for it`,
    )
  }
  // On stderr: standard output is the commands, or JSON.
  process.stderr.write(`${printable(describeVote(vote))}\n`)
  await runOperatorCommand(
    options,
    target,
    planParameterVote(vote.args),
    `${target.accountId} has voted; resharing starts once everybody who stays or joins has voted for the same, who joins ` +
      `after ${vote.thresholdBefore} of those who take part now.`,
  )
}

function readAndPropose(target: Target, change: ParameterChange): Promise<ParameterVote> {
  return withReader(target, async (reader, signal) => {
    const { state } = await reader.readView(signal)
    const candidates =
      change.add.length === 0 ? {} : parseCandidates(await reader.viewMethod('participant_candidates', {}, signal))
    return proposeParameters(state, candidates, change)
  })
}

/** The proposal for a person, who is about to vote for it. */
export function describeVote(vote: ParameterVote): string {
  const { epoch, staying, joining, leaving, threshold, domainThresholds } = vote
  return [
    `proposal for epoch ${epoch}: ${threshold} of ${staying.length + joining.length} govern`,
    `  stay: ${staying.join(', ')}`,
    ...(joining.length > 0 ? [`  join: ${joining.join(', ')}`] : []),
    ...(leaving.length > 0 ? [`  leave: ${leaving.join(', ')}`] : []),
    ...domainThresholds.map(([id, t]) => `  key ${id}: ${t} shares sign`),
  ].join('\n')
}
