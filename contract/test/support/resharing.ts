import { groupKey } from './keys.ts'
import { ed25519Key } from './keys.ts'
import { operator, type Json, type Outcome, type World } from './world.ts'

/** What a candidate says of itself, as operator i would. */
export function candidacy(i: number): Json {
  return { url: `http://candidate${i}.example:80`, tls_public_key: ed25519Key(50_000 + i) }
}

/** Operator i's node, which does not take part, asks to be let in. */
export function submitCandidate(world: World, i: number): Outcome {
  return world.call({ account: operator(i) }, 'submit_participant_info', { participant_info: candidacy(i) })
}

/** What a proposal changes of what is live. */
export interface Changes {
  /** Operators that are candidates. */
  add?: number[]
  remove?: number[]
  threshold?: number
  thresholds?: Record<string, number>
}

/** The arguments of `vote_new_parameters` as a client would make them from the contract's views. */
export function proposalFor(world: World, { add = [], remove = [], threshold, thresholds = {} }: Changes = {}): Json {
  const body = world.body()
  const { keyset, parameters, previously_cancelled_resharing_epoch_id: burnt } = body.previous_running_state ?? body
  const { next_id, participants } = parameters.participants
  const staying = participants.filter(([account]: [string]) => !remove.map(operator).includes(account))
  const joining = add.map((i, index) => [operator(i), next_id + index, world.candidates()[operator(i)] ?? candidacy(i)])
  return {
    prospective_epoch_id: (burnt ?? keyset.epoch_id) + 1,
    proposal: {
      parameters: {
        participants: {
          next_id: next_id + add.length,
          participants: [
            ...staying,
            ...joining.map(([account, id, { url, tls_public_key }]) => [account, id, { url, tls_public_key }]),
          ],
        },
        threshold: threshold ?? parameters.threshold,
      },
      per_domain_thresholds: thresholds,
    },
  }
}

export function vote(world: World, i: number, args: Json): Outcome {
  return world.call({ account: operator(i) }, 'vote_new_parameters', args)
}

/** Everybody in the proposal votes for it, in its order: present participants first. */
export function adopt(world: World, args: Json): void {
  for (const [account] of args.proposal.parameters.participants.participants)
    world.do(account, 'vote_new_parameters', args)
}

/** Resharing, with the candidates it needs. */
export function resharing(world: World, changes: Changes = {}): World {
  for (const i of changes.add ?? []) submitCandidate(world, i)
  adopt(world, proposalFor(world, changes))
  return world
}

/** The key event that is next or under way. */
export function currentEvent(world: World): Json {
  const { resharing_key: event } = world.body()
  const attempt_id = event.instance?.attempt_id ?? event.next_attempt_id
  return { epoch_id: event.epoch_id, domain_id: event.domain.id, attempt_id }
}

/** The accounts of the epoch to come, in order. */
export function prospective(world: World): string[] {
  return world.body().resharing_key.parameters.participants.participants.map(([account]: [string]) => account)
}

export function start(world: World, account = prospective(world)[0]!): Outcome {
  return world.call({ account }, 'start_reshare_instance', { key_event_id: currentEvent(world) })
}

/** Commitments of another polynomial with the same group key: what a resharing of this domain comes to. */
export function newCommitments(world: World, seed = 1): string[] | null {
  const { resharing_key: event, per_domain_thresholds } = world.body()
  const { id, protocol, reconstruction_threshold } = event.domain
  const t = per_domain_thresholds[id] ?? reconstruction_threshold
  const old = groupKey(protocol, t, id + 1).commitments
  const other = groupKey(protocol, t, 100 * seed + id).commitments
  return old === null || other === null ? null : [old[0]!, ...other.slice(1)]
}

export function voteReshared(
  world: World,
  account: string,
  commitments = newCommitments(world),
  key?: string,
): Outcome {
  const by = key === undefined ? { account } : { account, key }
  return world.call(by, 'vote_reshared', { key_event_id: currentEvent(world), commitments })
}

/** Reshares every key that is still to be reshared. `signers`: the key an account must sign with, if it must. */
export function reshareKeys(world: World, signers: Record<string, string> = {}): void {
  while (world.kind() === 'Resharing') {
    const { domain } = world.body().resharing_key
    const done = start(world)
    if (done.refused !== null) throw new Error(`start_reshare_instance was refused: ${done.refused}`)
    for (const account of prospective(world)) {
      const { refused } = voteReshared(world, account, newCommitments(world), signers[account])
      if (refused !== null) throw new Error(`vote_reshared for domain ${domain.id} was refused: ${refused}`)
    }
  }
}
