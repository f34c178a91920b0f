import type { Json } from '../../../../protocol/src/json.ts'
import { canonical } from '../canonical.ts'
import { CONTRACT } from '../contract-account.ts'
import { digestOf, keysetJson } from '../keyset.ts'
import { domainToBe } from '../methods/key-events.ts'
import { hashOf } from '../methods/updates.ts'
import { METHOD_NAMES, type MethodName } from '../execute.ts'
import type { Domain, Model, Participant, PhaseKind, Protocol } from '../model.ts'
import { member, recovering } from '../people.ts'
import { claims } from '../tls-keys.ts'
import { domainJson } from '../views.ts'
import { firstTlsKey, hash, madeUpKey, name, passerBy, signerKey, STRANGERS, tlsKey, url } from './cast.ts'
import type { Dice } from './dice.ts'
import { favourite } from './favourite.ts'
import { newParameters } from './proposals.ts'
import type { Idea, Scene } from './step.ts'

type Author = (model: Model, dice: Dice, scene: Scene) => Omit<Idea, 'method'>

/** How often a method is thought of in each phase, beside a little of everything. */
const WEIGHTS: Record<PhaseKind, Partial<Record<MethodName, number>>> = {
  Running: {
    vote_add_domains: 10,
    vote_new_parameters: 12,
    submit_participant_recovery_info: 6,
    authorize_node: 4,
    register_backup_service: 3,
    report_backup: 4,
    start_node_migration: 3,
    conclude_node_migration: 3,
    update_participant_url: 1,
    propose_update: 1,
    vote_update: 4,
    migrate: 1,
    deploy_update: 3,
    submit_participant_info: 4,
  },
  Recovery: {
    vote_new_parameters: 5,
    submit_participant_recovery_info: 5,
    authorize_node: 3,
    register_backup_service: 3,
    confirm_share_delivery: 5,
    conclude_recovery: 8,
    cancel_recovery: 2,
    report_backup: 2,
    submit_participant_info: 2,
  },
  Initializing: {
    start_keygen_instance: 24,
    vote_pk: 24,
    vote_cancel_keygen: 1,
    report_backup: 1,
  },
  Resharing: {
    start_reshare_instance: 24,
    vote_reshared: 24,
    vote_cancel_resharing: 2,
    register_backup_service: 2,
    submit_participant_info: 2,
    report_backup: 1,
  },
}

const STARTS: readonly MethodName[] = ['start_keygen_instance', 'start_reshare_instance']
const VOTES: readonly MethodName[] = ['vote_pk', 'vote_reshared']

/** Votes need many who want the same before anything else happens. */
function unfinished({ phase, running }: Model): 'vote_add_domains' | 'vote_new_parameters' | undefined {
  if (phase.kind === 'Running' && running.domainVotes.size > 0) return 'vote_add_domains'
  // A resharing without a key is over at once.
  const open = (phase.kind === 'Running' || phase.kind === 'Recovery') && running.domains.length > 0
  return open && running.proposals.size > 0 ? 'vote_new_parameters' : undefined
}

interface Setting {
  readonly participants: number
  readonly crowded: boolean
}

/** What somebody could do now. */
export function idea(scene: Scene, { participants, crowded }: Setting, dice: Dice): Idea {
  const { model } = scene
  if (model === null) {
    const early = METHOD_NAMES.filter((one) => one !== 'init' && one !== 'migrate')
    const impatient = { method: dice.pick(early), account: name(0), args: {} }
    return dice.percent(90) ? { method: 'init', ...initialization(participants, dice) } : impatient
  }
  const { phase } = model
  if (crowded && dice.percent(70))
    return { method: 'submit_participant_info', ...candidacy(passerBy(dice), model, dice) }
  // So many never agree on anything; they are there to lose their nodes together.
  const isDisaster = participants > 32 && (phase.kind === 'Running' || phase.kind === 'Recovery') && dice.percent(80)
  if (isDisaster) {
    const method = 'submit_participant_recovery_info'
    return { method, ...AUTHORS[method](model, dice, scene) }
  }
  const begun = unfinished(model)
  if (begun !== undefined && dice.percent(begun === 'vote_add_domains' ? 15 : 35))
    return { method: begun, ...AUTHORS[begun](model, dice, scene) }
  const wishes = WEIGHTS[phase.kind]
  const attempt = phase.kind === 'Initializing' || phase.kind === 'Resharing' ? phase.event.instance : undefined
  const pointless = attempt === undefined ? [] : attempt !== null && attempt.expiresOn > scene.height ? STARTS : VOTES
  const many = model.running.domains.length >= 3 ? ['vote_add_domains'] : []
  const early = model.running.domains.length === 0 ? ['vote_new_parameters'] : []
  const weight = (one: MethodName) =>
    0.25 + (wishes[one] ?? 0) * ([...pointless, ...many, ...early].includes(one) ? 0.02 : 1)
  const method = dice.weighed(METHOD_NAMES.map((one) => [weight(one), one] as const))
  if (method === 'init') return { method, ...initialization(participants, dice) }
  return { method, ...AUTHORS[method](model, dice, scene) }
}

/** A network of so many participants, with short times now and then. */
function initialization(n: number, dice: Dice): Omit<Idea, 'method'> {
  const least = Math.max(2, Math.ceil(0.6 * n))
  const participants = Array.from({ length: n }, (_, i): Json => {
    return [name(i), i, { url: `http://node${i}.example:80`, tls_public_key: firstTlsKey(i) }]
  })
  const threshold = BigInt(dice.percent(92) ? dice.between(least, n) : least - 1)
  const init_config = {
    key_event_timeout_blocks: BigInt(dice.between(1, 30)),
    recovery_timeout_seconds: BigInt(dice.pick([10, 100, 86_400])),
    recovery_cooldown_seconds: BigInt(dice.pick([1, 30, 600])),
    authorization_default_seconds: BigInt(dice.pick([5, 60, 86_400])),
  }
  const parameters = { participants: { next_id: n, participants }, threshold }
  return {
    account: dice.percent(90) ? CONTRACT : name(0),
    args: { parameters, ...(dice.percent(80) && { init_config }) },
  }
}

const AUTHORS: Record<Exclude<MethodName, 'init'>, Author> = {
  vote_add_domains(model, dice) {
    const { running } = model
    const followed = favourite([...running.domainVotes.values()], (list) => canonical(list.map(domainJson)))
    const open = running.parameters.participants.filter(({ id }) => !running.domainVotes.has(id))
    if (followed !== undefined && open.length > 0 && dice.percent(90)) {
      return { account: dice.pick(open).account, args: { domains: followed.map(domainJson) } }
    }
    const domains = Array.from({ length: dice.between(1, 2) }, (_, i) => newDomain(model, i, dice))
    return { account: someone(model, dice), args: { domains } }
  },

  vote_cancel_keygen(model, dice) {
    const next_domain_id = model.phase.kind === 'Initializing' ? model.phase.nextDomainId : model.running.nextDomainId
    return { account: someone(model, dice), args: { next_domain_id: next_domain_id + (dice.percent(20) ? 1n : 0n) } }
  },

  start_keygen_instance: (model, dice) => startOf(model, dice),

  vote_pk(model, dice) {
    const domain = eventDomain(model)
    const attempt = Number((attemptId(model) ?? 0n) % 3n)
    const n = 1 + ((attempt + Number(domain.id % 5n)) % 5) + (dice.percent(4) ? 1 : 0)
    const other: Protocol = domain.protocol === 'Frost' ? 'CaitSith' : 'Frost'
    const { public_key, commitments } = madeUpKey(dice.percent(3) ? { ...domain, protocol: other } : domain, n)
    const account = dice.percent(95) ? among(waitedFor(model), model, dice) : someone(model, dice)
    const silent = commitments === null && dice.percent(50)
    const args = { key_event_id: eventId(model), public_key, ...(silent ? {} : { commitments }) }
    return { account, ...signingFor(model, account), args }
  },

  vote_new_parameters: (model, dice) => newParameters(model, dice),

  start_reshare_instance: (model, dice) => startOf(model, dice),

  vote_reshared(model, dice) {
    const domain = eventDomain(model)
    const live = model.running.keys.find(({ domain_id }) => domain_id === domain.id)
    const made = madeUpKey(domain, 7 + Number((attemptId(model) ?? 0n) % 2n) + (dice.percent(4) ? 1 : 0))
    const first = live?.commitments?.[0]
    const commitments = made.commitments && [...(first === undefined ? [] : [first]), ...made.commitments.slice(1)]
    const account = dice.percent(95) ? among(waitedFor(model), model, dice) : someone(model, dice)
    const silent = commitments === null && dice.percent(50)
    return {
      account,
      ...signingFor(model, account),
      args: { key_event_id: eventId(model), ...(silent ? {} : { commitments }) },
    }
  },

  vote_cancel_resharing(model, dice) {
    const asked = model.phase.kind === 'Resharing' ? model.phase.cancelVotes : new Set<string>()
    const rest = model.running.parameters.participants.filter(({ account }) => !asked.has(account))
    return {
      account: among(
        rest.map(({ account }) => account),
        model,
        dice,
      ),
      args: {},
    }
  },

  vote_abort_key_event_instance(model, dice) {
    const account = among(waitedFor(model), model, dice)
    return { account, args: { key_event_id: eventId(model) } }
  },

  submit_participant_info(model, dice) {
    const account = dice.percent(50) ? dice.pick(STRANGERS) : name(dice.below(10))
    const own = member(model.running.parameters, account)
    if (own === undefined || dice.percent(5)) return candidacy(account, model, dice)
    return { account, args: { participant_info: { url: own.url, tls_public_key: own.tls_public_key } } }
  },

  register_backup_service(model, dice) {
    const needy = [...recovering(model).keys()].filter((one) => !model.backupServices.has(one))
    const account = dice.percent(60) ? among(needy, model, dice) : someone(model, dice)
    const before = model.backupServices.get(account)
    const public_key = before !== undefined && dice.percent(40) ? before.key : anyTlsKey(model, dice)
    const backup_service_info = { public_key, ...(dice.percent(70) && { signer_account_pk: signerKey(dice) }) }
    return { account, ...fullAccess(dice), args: { backup_service_info } }
  },

  report_backup(model, dice) {
    const account = among(model.backupServices.keys(), model, dice)
    const receipt = {
      epoch_id: model.running.epoch,
      keyset_digest: digestOf(model.running),
      ciphertext_sha256: hash(dice),
      kind: dice.pick(['stored', 'drilled']),
    }
    return { account, ...sidecar(model, account), args: { receipt } }
  },

  authorize_node(model, dice) {
    const expires = dice.percent(50) ? {} : { expires_in_seconds: BigInt(dice.pick([1, 30, 3_000, 2_592_000])) }
    const args = { tls_public_key: tlsKey(dice), signer_account_pk: signerKey(dice), ...expires }
    return { account: someone(model, dice), ...fullAccess(dice), args }
  },

  revoke_node_authorization(model, dice) {
    return { account: among(model.authorizations.keys(), model, dice), ...fullAccess(dice), args: {} }
  },

  submit_participant_recovery_info(model, dice, { now }) {
    const here = new Set(model.running.parameters.participants.map(({ account }) => account))
    const idle = [...here].filter((one) => !recovering(model).has(one) && (model.cooldowns.get(one) ?? 0n) <= now)
    const allowed = [...model.authorizations].filter(([one, { expiresAt }]) => idle.includes(one) && expiresAt > now)
    const node = (tls_public_key: string) => ({ participant_info: { url: url(dice), tls_public_key } })
    if (allowed.length > 0 && dice.percent(70)) {
      const [account, { tls, signer }] = dice.pick(allowed)
      return {
        account,
        key: signer,
        args: {
          ...node(dice.percent(85) ? tls : tlsKey(dice)),
          ...(dice.percent(20) && { signer_account_pk: signer }),
        },
      }
    }
    const account = idle.length > 0 && dice.percent(85) ? dice.pick(idle) : someone(model, dice)
    if (dice.percent(8)) return { account, args: node(tlsKey(dice)) }
    return {
      account,
      ...fullAccess(dice),
      args: { ...node(newTlsKey(model, account, dice)), signer_account_pk: signerKey(dice) },
    }
  },

  confirm_share_delivery(model, dice) {
    const records = recovering(model)
    const account = among(
      [...records.keys()].filter((one) => model.backupServices.has(one)),
      model,
      dice,
    )
    const named = dice.percent(85) ? records.get(account)?.node.tls_public_key : undefined
    const tls_public_key = named ?? tlsKey(dice)
    return { account, ...sidecar(model, account), args: { tls_public_key, keyset_digest: digestOf(model.running) } }
  },

  conclude_recovery(model, dice) {
    const records = recovering(model)
    const account = among(records.keys(), model, dice)
    return { account, key: records.get(account)?.signer ?? signerKey(dice), args: { keyset: heldKeyset(model, dice) } }
  },

  cancel_recovery(model, dice) {
    return { account: among(recovering(model).keys(), model, dice), ...fullAccess(dice), args: {} }
  },

  expire_recoveries: (_model, dice) => ({ account: dice.pick([...STRANGERS, name(0)]), args: {} }),

  start_node_migration(model, dice) {
    const account = someone(model, dice)
    const destination = { url: url(dice), tls_public_key: newTlsKey(model, account, dice) }
    const destination_node_info = { signer_account_pk: signerKey(dice), destination_node_info: destination }
    return { account, ...fullAccess(dice), args: { destination_node_info } }
  },

  cancel_node_migration(model, dice) {
    return { account: among(model.migrations.keys(), model, dice), ...fullAccess(dice), args: {} }
  },

  conclude_node_migration(model, dice) {
    const account = among(model.migrations.keys(), model, dice)
    const key = model.migrations.get(account)?.signer ?? signerKey(dice)
    return { account, key, args: { keyset: heldKeyset(model, dice) } }
  },

  propose_update: (model, dice) => ({
    account: someone(model, dice),
    args: { code_hash: hashOf(dice.percent(60) ? wantedCode(model, dice) : code(dice.below(2))) },
  }),

  vote_update: (model, dice) => ({
    account: someone(model, dice),
    args: { code_hash: hashOf(wantedCode(model, dice)) },
  }),

  deploy_update: (model, dice) => ({ account: dice.pick(STRANGERS), args: wantedCode(model, dice) }),

  migrate: (model, dice) => ({
    account: dice.percent(70) ? CONTRACT : someone(model, dice),
    args: dice.percent(30) ? {} : { code_hash: hashOf(wantedCode(model, dice)) },
  }),

  update_participant_url: (model, dice) => ({
    account: someone(model, dice),
    ...fullAccess(dice),
    args: { url: url(dice) },
  }),
}

/** The key of the machine that is to take over; now and then it is the present one's. */
function newTlsKey(model: Model, account: string, dice: Dice): string {
  const own = member(model.running.parameters, account)
  return own !== undefined && dice.percent(6) ? own.tls_public_key : anyTlsKey(model, dice)
}

/** Mostly a new one; now and then one that somebody has, of whatever kind, or is about to have. */
function anyTlsKey(model: Model, dice: Dice): string {
  if (dice.percent(85)) return tlsKey(dice)
  const used = [...claims(model).map(({ key }) => key), ...[...model.authorizations.values()].map(({ tls }) => tls)]
  return dice.pick(used)
}

/** Somebody would like to take part. */
function candidacy(account: string, model: Model, dice: Dice): Omit<Idea, 'method'> {
  const participant_info = { url: url(dice), tls_public_key: anyTlsKey(model, dice) }
  return { account, args: { participant_info, ...(dice.percent(40) && { signer_account_pk: signerKey(dice) }) } }
}

/** Stands for new code. */
function code(n: number): string {
  return `code ${n}`
}

/** Code of which there are votes, if there are any. */
function wantedCode({ updateVotes }: Model, dice: Dice): string {
  const wanted = [code(0), code(1)].filter((one) => [...updateVotes.values()].includes(hashOf(one)))
  return wanted.length > 0 ? dice.pick(wanted) : code(dice.below(2))
}

function someone(model: Model, dice: Dice): string {
  return dice.pick(model.running.parameters.participants).account
}

/** One of these accounts, if there are any. */
function among(accounts: Iterable<string>, model: Model, dice: Dice): string {
  const list = [...accounts]
  return list.length > 0 ? dice.pick(list) : someone(model, dice)
}

/** Now and then with more than is asked for, and sometimes it is forgotten. */
function fullAccess(dice: Dice): { deposit: bigint } {
  return {
    deposit: dice.weighed([
      [80, 1n],
      [15, 10n ** 24n],
      [5, 0n],
    ]),
  }
}

function signingFor(model: Model, account: string): { key?: string } {
  const key = model.signers.get(account)
  return key === undefined ? {} : { key }
}

function sidecar(model: Model, account: string): { key?: string } {
  const key = model.backupServices.get(account)?.signer ?? null
  return key === null ? {} : { key }
}

const PROTOCOLS: readonly Protocol[] = ['Frost', 'CaitSith', 'DamgardEtAl', 'ConfidentialKeyDerivation']

function newDomain({ running }: Model, index: number, dice: Dice): Json {
  const protocol = dice.pick(PROTOCOLS)
  const n = running.parameters.participants.length
  const most = Math.min(Number(running.parameters.threshold), protocol === 'DamgardEtAl' ? Math.floor((n + 1) / 2) : n)
  const curves = {
    Frost: 'Edwards25519',
    ConfidentialKeyDerivation: 'Bls12381',
    CaitSith: 'Secp256k1',
    DamgardEtAl: 'Secp256k1',
  }
  return {
    id: running.nextDomainId + BigInt(index),
    protocol,
    reconstruction_threshold: BigInt(dice.between(2, Math.max(2, most))),
    purpose: protocol === 'ConfidentialKeyDerivation' ? 'CKD' : 'Sign',
    ...(dice.percent(20) && { curve: curves[protocol] }),
  }
}

/** The live keyset, as much of it as a client has kept. */
function heldKeyset({ running }: Model, dice: Dice): Json {
  const { epoch_id, domains } = keysetJson(running)
  if (dice.percent(60)) return { epoch_id, domains: [...domains] }
  return {
    epoch_id,
    domains: domains.map((entry) => {
      const { commitments, key, ...rest } = entry as { [field: string]: Json }
      const { Ed25519 } = key as { Ed25519?: { [field: string]: Json } }
      const short = Ed25519 && {
        Ed25519: { near_public_key_compressed: Ed25519['near_public_key_compressed'] as Json },
      }
      return {
        ...rest,
        key: dice.percent(50) && short ? short : (key as Json),
        ...(dice.percent(50) && { commitments }),
      } as Json
    }),
  }
}

const NO_DOMAIN: Domain = { id: 0n, protocol: 'Frost', reconstruction_threshold: 2n, purpose: 'Sign' }

function keyEvent({ phase }: Model) {
  return phase.kind === 'Initializing' || phase.kind === 'Resharing' ? phase.event : undefined
}

function eventDomain(model: Model): Domain {
  const { phase } = model
  if (phase.kind === 'Initializing' || phase.kind === 'Resharing') return domainToBe(phase)
  return model.running.domains[0] ?? NO_DOMAIN
}

function attemptId(model: Model): bigint | undefined {
  return keyEvent(model)?.instance?.id
}

function eventId(model: Model): Json {
  const epoch_id = keyEvent(model)?.epoch ?? model.running.epoch
  return { epoch_id, domain_id: eventDomain(model).id, attempt_id: attemptId(model) ?? 0n }
}

function startOf(model: Model, dice: Dice): Omit<Idea, 'method'> {
  const event = keyEvent(model)
  const people = event?.parameters.participants ?? model.running.parameters.participants
  const [leader] = [...people].sort((a, b) => a.id - b.id) as [Participant]
  const account = dice.percent(90) ? leader.account : dice.pick(people).account
  const epoch_id = event?.epoch ?? model.running.epoch
  const key_event_id = { epoch_id, domain_id: eventDomain(model).id, attempt_id: event?.nextAttempt ?? 0n }
  return { account, args: { key_event_id } }
}

/** Who has not voted yet in the attempt under way. */
function waitedFor(model: Model): string[] {
  const event = keyEvent(model)
  const done = event?.instance?.completed ?? new Set()
  return (event?.parameters.participants ?? []).filter(({ id }) => !done.has(id)).map(({ account }) => account)
}
