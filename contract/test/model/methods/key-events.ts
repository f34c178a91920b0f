import { add } from '../immutable.ts'
import { keysJson } from '../keyset.ts'
import type { Attempt, Domain, InPhase, Key, KeyEvent, Model, Parameters } from '../model.ts'
import { member } from '../people.ts'
import { areCommitments, isGroupKey } from '../points.ts'
import { broken, nothing, type By, type Change, type Event, type Method, type Rule, type Ruling } from '../ruling.ts'
import type { Json } from '../../../../protocol/src/json.ts'

export interface KeyEventId {
  readonly epoch_id: bigint
  readonly domain_id: bigint
  readonly attempt_id: bigint
}

interface Named {
  readonly key_event_id: KeyEventId
}

export function keyEventFor(epoch: bigint, domain: Domain, parameters: Parameters): KeyEvent {
  return { epoch, domain, parameters, instance: null, nextAttempt: 0n }
}

type Generating = InPhase<'Initializing'> | InPhase<'Resharing'>

/** The attempt under way, unless its blocks are over. */
function active(event: KeyEvent | undefined, height: bigint): Attempt | null {
  const instance = event?.instance ?? null
  return instance !== null && height < instance.expiresOn ? instance : null
}

function isFor(id: KeyEventId, event: KeyEvent | undefined, attempt: bigint | undefined): boolean {
  return id.epoch_id === event?.epoch && id.domain_id === event.domain.id && id.attempt_id === attempt
}

function inPhase<Kind extends Generating['kind']>(model: Model, kind: Kind): InPhase<Kind> | undefined {
  return model.phase.kind === kind ? (model.phase as InPhase<Kind>) : undefined
}

/** Once a node was replaced, only the present one's key speaks for it in a key event. */
function isPresentNode({ signers }: Model, by: By): boolean {
  const signer = signers.get(by.account)
  return signer === undefined || signer === by.key
}

/** The leader, which is the lowest id, begins an attempt. */
function start(kind: Generating['kind']): Method<Named> {
  return (model, by, { key_event_id }) => {
    const phase = inPhase(model, kind)
    const event = phase?.event
    const people = event?.parameters.participants ?? []
    const leader = people.reduce(
      (lowest, one) => (one.id < lowest.id ? one : lowest),
      people[0] ?? { id: 0, account: '' },
    )
    return {
      refused: broken(
        [phase === undefined, 'WRONG_STATE'],
        [!people.some(({ account }) => account === by.account), 'NOT_PARTICIPANT'],
        [!isPresentNode(model, by), 'WRONG_SIGNER_KEY'],
        [leader.account !== by.account, 'NOT_LEADER'],
        [active(event, by.height) !== null, 'KEY_EVENT_ACTIVE'],
        [!isFor(key_event_id, event, event?.nextAttempt), 'KEY_EVENT_MISMATCH'],
      ),
      then() {
        if (phase === undefined) return nothing(model)
        const expiresOn = by.height + model.config.key_event_timeout_blocks + 1n
        const id = phase.event.nextAttempt
        const instance: Attempt = { id, startedIn: by.height, expiresOn, completed: new Set(), vote: null }
        const next = { ...phase, event: { ...phase.event, instance, nextAttempt: id + 1n } }
        return {
          model: { ...model, phase: next },
          events: [{ event: 'key_event_attempt_started', data: { ...key_event_id, expires_on: expiresOn } }],
        }
      },
    }
  }
}

export const startKeygenInstance = start('Initializing')
export const startReshareInstance = start('Resharing')

interface Voted {
  readonly key: string
  readonly commitments: readonly string[] | null
}

/** The domain of the event with the threshold that its shares are to have: the event itself shows the present one. */
export function domainToBe(phase: Generating): Domain {
  const { domain } = phase.event
  const t = phase.kind === 'Resharing' ? phase.proposal.perDomain.get(domain.id) : undefined
  return { ...domain, reconstruction_threshold: t ?? domain.reconstruction_threshold }
}

/** What every vote in an attempt is refused for, whatever it says. */
function outOfTurn(model: Model, by: By, id: KeyEventId, phase: Generating | undefined): Rule[] {
  const event = phase?.event
  const attempt = active(event, by.height)
  return [
    [phase === undefined, 'WRONG_STATE'],
    [event === undefined || member(event.parameters, by.account) === undefined, 'NOT_PARTICIPANT'],
    [!isPresentNode(model, by), 'WRONG_SIGNER_KEY'],
    [attempt === null, 'NO_ACTIVE_KEY_EVENT'],
    [!isFor(id, event, attempt?.id), 'KEY_EVENT_MISMATCH'],
  ]
}

/** What votes for a key and for a reshared key have in common; `agreed` follows from the last one. */
export function vote(
  model: Model,
  by: By,
  id: KeyEventId,
  phase: Generating | undefined,
  voted: Voted,
  agreed: Agreed,
): Ruling {
  const event = phase?.event
  const domain = phase && domainToBe(phase)
  const self = event && member(event.parameters, by.account)
  const attempt = active(event, by.height)
  const unsaid = event !== undefined && voted.commitments === null
  const same = attempt?.vote === null || voteText(attempt?.vote) === voteText(voted)
  const earlier = same ? (attempt?.completed.size ?? 0) : 0
  return {
    refused: broken(
      ...outOfTurn(model, by, id, phase),
      [unsaid && domain?.protocol !== 'ConfidentialKeyDerivation', 'MISSING_ARGUMENT'],
      [domain !== undefined && !isGroupKey(voted.key, domain), 'INVALID_PUBLIC_KEY'],
      [domain !== undefined && !areCommitments(voted.commitments, voted.key, domain, earlier), 'INVALID_COMMITMENTS'],
      [self !== undefined && same && attempt?.completed.has(self.id) === true, 'ALREADY_VOTED'],
    ),
    then() {
      if (phase === undefined || event === undefined || attempt === null || self === undefined) return nothing(model)
      const who = { ...id, account_id: by.account }
      if (!same) return { model: aborted(model, phase), events: [abortedEvent(who, 'disagreement')] }
      const completed = add(attempt.completed, self.id)
      const told = { event: 'key_event_voted', data: who }
      const instance: Attempt = { ...attempt, completed, vote: voted }
      const counted = { ...model, phase: { ...phase, event: { ...event, instance } } }
      if (completed.size < event.parameters.participants.length) return { model: counted, events: [told] }
      const key: Key = { domain_id: event.domain.id, attempt: attempt.id, ...voted }
      const done = agreed(model, key)
      return { model: done.model, events: [told, ...done.events] }
    },
  }
}

type Agreed = (model: Model, key: Key) => Change

function voteText(voted: Voted | undefined): string {
  return `${voted?.key} ${voted?.commitments?.join()}`
}

function aborted(model: Model, phase: Generating): Model {
  return { ...model, phase: { ...phase, event: { ...phase.event, instance: null } } }
}

function abortedEvent(who: KeyEventId & { account_id: string }, reason: string): Event {
  return { event: 'key_event_attempt_aborted', data: { ...who, reason } }
}

export interface KeyVote extends Named {
  readonly public_key: string
  /** Clients that know only BLS keys leave it out. */
  readonly commitments?: readonly string[] | null
}

/** Everybody votes for the same key: on to the next domain, and with the last one to Running. */
export const votePk: Method<KeyVote> = (model, by, { key_event_id, public_key, commitments }) => {
  const voted = { key: public_key, commitments: commitments ?? null }
  return vote(model, by, key_event_id, inPhase(model, 'Initializing'), voted, generated)
}

function generated(model: Model, key: Key): Change {
  const phase = inPhase(model, 'Initializing')
  if (phase === undefined) return nothing(model)
  const { epoch, parameters } = model.running
  const keys = [...phase.generated, key]
  const data = { epoch_id: epoch, domain_id: key.domain_id, attempt_id: key.attempt, public_key: keyField(key) }
  const events: Event[] = [{ event: 'domain_key_agreed', data }]
  const next = phase.domains[keys.length]
  if (next !== undefined) {
    const event = keyEventFor(epoch, next, parameters)
    return { model: { ...model, phase: { ...phase, generated: keys, event } }, events }
  }
  const { domains, nextDomainId } = phase
  return {
    model: { ...model, running: { ...model.running, domains, nextDomainId, keys }, phase: { kind: 'Running' } },
    events: [...events, { event: 'running_entered', data: { epoch_id: epoch, from: 'Initializing' } }],
  }
}

function keyField(key: Key): Json {
  const [{ key: json }] = keysJson([key]) as [{ key: Json }]
  return json
}

/** Whoever has not voted may end the attempt. */
export const voteAbortKeyEventInstance: Method<Named> = (model, by, { key_event_id }) => {
  const phase = inPhase(model, 'Initializing') ?? inPhase(model, 'Resharing')
  const event = phase?.event
  const self = event && member(event.parameters, by.account)
  const attempt = active(event, by.height)
  return {
    refused: broken(...outOfTurn(model, by, key_event_id, phase), [
      self !== undefined && attempt?.completed.has(self.id) === true,
      'ALREADY_VOTED',
    ]),
    then() {
      if (phase === undefined) return nothing(model)
      const who = { ...key_event_id, account_id: by.account }
      return { model: aborted(model, phase), events: [abortedEvent(who, 'vote')] }
    },
  }
}
