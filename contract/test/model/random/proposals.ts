import type { Json } from '../../../../protocol/src/json.ts'
import type { Model, Participant, Proposal } from '../model.ts'
import { member, takesPart } from '../people.ts'
import { participantJson, proposalJson } from '../views.ts'
import { canonical } from '../canonical.ts'
import { favourite } from './favourite.ts'
import { tlsKey, url } from './cast.ts'
import type { Dice } from './dice.ts'
import type { Idea } from './step.ts'

/** A vote for new parameters: mostly for what others have voted for already. */
export function newParameters(model: Model, dice: Dice): Omit<Idea, 'method'> {
  const { running } = model
  const prospective_epoch_id = (running.burntEpoch ?? running.epoch) + 1n
  const open = [...running.proposals.values()].filter((one) => isUpToDate(model, one) || dice.percent(10))
  const followed = favourite(open, (one) => canonical(proposalJson(one)))
  if (followed !== undefined && dice.percent(92)) {
    const account = nextVoter(model, followed, dice)
    if (account !== undefined) return { account, args: { prospective_epoch_id, proposal: proposalJson(followed) } }
  }
  const { account } = dice.pick(running.parameters.participants)
  return { account, args: { prospective_epoch_id, proposal: newProposal(model, dice) } }
}

/** Nobody in it has moved since. */
function isUpToDate({ running, candidates }: Model, { parameters }: Proposal): boolean {
  return parameters.participants.every(({ account, url, tls_public_key, incarnation }) => {
    const present = member(running.parameters, account)
    const now = present ?? candidates.get(account)
    const same = now?.url === url && now.tls_public_key === tls_public_key
    return same && (present === undefined || present.incarnation === incarnation)
  })
}

/** Of those whose vote is missing, somebody who takes part as long as newcomers have to wait. */
function nextVoter(model: Model, proposal: Proposal, dice: Dice): string | undefined {
  const voted = model.running.proposals
  const open = proposal.parameters.participants.map(({ account }) => account).filter((one) => !voted.has(one))
  const present = open.filter((one) => takesPart(model, one))
  const here = present.length > 0 && dice.percent(85) ? present : open
  return here.length > 0 ? dice.pick(here) : undefined
}

/** Some leave, some come, or only the thresholds change. */
function newProposal(model: Model, dice: Dice): Json {
  const { running, candidates } = model
  const { participants, nextId, threshold } = running.parameters
  const leaving = dice.percent(50) ? dice.below(Math.max(1, participants.length - Number(threshold) + 1)) : 0
  const gone = new Set(dice.shuffled(participants).slice(0, leaving))
  const staying = participants.filter((one) => !gone.has(one))
  const known = [...candidates].filter(([account]) => member(running.parameters, account) === undefined)
  // Somebody unknown is proposed now and then.
  const unknown: typeof known = dice.percent(5)
    ? [['nobody.near', { url: url(dice), tls_public_key: tlsKey(dice), signer: '' }]]
    : []
  const coming = dice
    .shuffled([...known, ...unknown])
    .slice(0, dice.below(3))
    .map(([account, { url, tls_public_key }], i): Participant => {
      return { account, id: nextId + i, url, tls_public_key, incarnation: model.left.get(account) ?? 0n }
    })
  const all = dice.percent(10) ? dice.shuffled([...staying, ...coming]) : [...staying, ...coming]
  const n = all.length
  const least = Math.max(2, Math.ceil(0.6 * n))
  const perDomain: [string, bigint][] = running.domains
    .filter(() => dice.percent(40))
    .map(({ id, protocol }) => {
      const most = protocol === 'DamgardEtAl' ? Math.floor((n + 1) / 2) : n
      return [String(id), BigInt(dice.between(2, Math.max(2, most)))]
    })
  const effective = running.domains.map(({ id, reconstruction_threshold }) => {
    return new Map(perDomain).get(String(id)) ?? reconstruction_threshold
  })
  const floor = effective.reduce((most, t) => Math.max(most, Number(t)), least)
  return {
    parameters: {
      participants: {
        next_id: nextId + coming.length,
        participants: dice.percent(30) ? all.map(withoutIncarnation) : all.map(participantJson),
      },
      threshold: BigInt(dice.percent(94) ? dice.between(floor, Math.max(floor, n)) : floor - 1),
    },
    ...(perDomain.length > 0 || dice.percent(80) ? { per_domain_thresholds: Object.fromEntries(perDomain) } : {}),
  }
}

/** As near/mpc's tools write it. */
function withoutIncarnation({ account, id, url, tls_public_key }: Participant): Json {
  return [account, id, { url, tls_public_key }]
}
