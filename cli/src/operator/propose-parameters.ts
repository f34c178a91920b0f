import type { Candidates, ProtocolState, Running } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'

/** What is to be different in the next epoch; nothing at all deals new shares of the same keys to the same participants. */
export type ParameterChange = {
  add: readonly string[]
  remove: readonly string[]
  /** Governance threshold; the present one where it is left out. */
  threshold: number | undefined
  /** New reconstruction thresholds by domain id. */
  domainThresholds: ReadonlyMap<bigint, number>
}

/** A vote, and what it means. */
export type ParameterVote = {
  /** The arguments of `vote_new_parameters`. */
  args: Json
  epoch: bigint
  staying: string[]
  joining: string[]
  leaving: string[]
  threshold: number
  domainThresholds: [id: bigint, threshold: number][]
  /** So many of those who take part now must have voted before who joins may. */
  thresholdBefore: number
}

/**
 * The vote that changes what is live as asked. The same wish gives every operator the same proposal, in whatever order it
 * is said: the contract counts votes that are alike.
 * @throws HoldfastError `PROPOSAL_IMPOSSIBLE` where the contract would refuse it, saying what to do
 */
export function proposeParameters(
  state: ProtocolState,
  candidates: Candidates,
  change: ParameterChange,
): ParameterVote {
  const running = runningStateOf(state)
  const { participants: members, next_id } = running.parameters.participants
  const accounts = members.map(([account]) => account)
  for (const account of change.remove) {
    if (!accounts.includes(account)) throw impossible(`${account} does not take part: there is nobody to remove`)
  }
  const newcomers = [...change.add].sort().map((account, index): Json => {
    if (accounts.includes(account)) throw impossible(`${account} takes part already`)
    const candidate = candidates[account]
    if (candidate === undefined) {
      throw impossible(`${account} is no candidate: its node must run first, which then says of itself where it is`)
    }
    // The contract fills the incarnation in: an account that returns goes on with its old one.
    return [account, next_id + index, { url: candidate.url, tls_public_key: candidate.tls_public_key }]
  })
  const staying = members.filter(([account]) => !change.remove.includes(account))
  const threshold = change.threshold ?? running.parameters.threshold
  const domainThresholds = [...change.domainThresholds].sort(([a], [b]) => (a < b ? -1 : 1))
  checkThresholds(running, change, { members: staying.length + newcomers.length, staying: staying.length, threshold })
  const epoch = (running.previously_cancelled_resharing_epoch_id ?? running.keyset.epoch_id) + 1n
  const participants = {
    next_id: next_id + newcomers.length,
    participants: [...staying.map(([account, id, info]) => [account, id, { ...info }]), ...newcomers],
  }
  const per_domain_thresholds = Object.fromEntries(domainThresholds.map(([id, t]) => [String(id), t]))
  return {
    args: {
      prospective_epoch_id: epoch,
      proposal: { parameters: { participants, threshold }, per_domain_thresholds },
    },
    epoch,
    staying: staying.map(([account]) => account),
    joining: [...change.add].sort(),
    leaving: [...change.remove].sort(),
    threshold,
    domainThresholds,
    thresholdBefore: running.parameters.threshold,
  }
}

function runningStateOf(state: ProtocolState): Running {
  switch (state.kind) {
    case 'Running':
      return state.state
    case 'Recovery':
      return state.state.previous_running_state
    case 'Resharing':
      throw impossible(
        `epoch ${state.state.resharing_key.epoch_id} is being prepared already; it must end, or be given up first: ` +
          'holdfast vote-cancel-resharing',
      )
    case 'NotInitialized':
    case 'Initializing':
      throw impossible(`new parameters can be voted for in Running and Recovery, found ${state.kind}`)
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}

/** The contract's own rules; the sentences say which option helps. */
function checkThresholds(
  running: Running,
  { domainThresholds }: ParameterChange,
  { members, staying, threshold }: { members: number; staying: number; threshold: number },
): void {
  const before = running.parameters.threshold
  if (staying < before) {
    throw impossible(`at least ${before} of those who take part now must stay, found ${staying}; remove fewer at once`)
  }
  const least = Math.max(2, Math.ceil((3 * members) / 5))
  if (threshold < least || threshold > members) {
    throw impossible(
      `${members} participants need a --threshold from ${least} to ${members}, 60 % at least; found ${threshold}`,
    )
  }
  const { domains } = running.domains
  for (const id of domainThresholds.keys()) {
    if (!domains.some((domain) => domain.id === id)) throw impossible(`there is no key ${id}`)
  }
  for (const domain of domains) {
    const t = domainThresholds.get(domain.id) ?? domain.reconstruction_threshold
    const most = domain.protocol === 'DamgardEtAl' ? Math.min(threshold, Math.floor((members + 1) / 2)) : threshold
    if (t < 2 || t > most) {
      throw impossible(
        `key ${domain.id} would need ${t} shares, expected 2 to ${most}; choose with --domain-threshold ${domain.id}=T`,
      )
    }
  }
}

function impossible(why: string): HoldfastError {
  return new HoldfastError('PROPOSAL_IMPOSSIBLE', `cannot propose this: ${why}`)
}
