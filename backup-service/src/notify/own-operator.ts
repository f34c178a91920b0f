import type { NodeAuthorization } from '@holdfast/protocol/contract-state.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Delivered } from '../delivered.ts'
import { NOT_PROVABLE } from '../proof-words.ts'
import type { Restore, Restored } from '../restore.ts'
import type { Notice } from './message.ts'
import type { Severity } from './severity.ts'

/** What the contract says about one operator that must not change in silence. Keys in NEAR's text form. */
export type OperatorFacts = {
  participant: { participantId: number; tlsKey: string; url: string; incarnation: bigint } | null
  backupService: { tlsKey: string; signerKey: string | null } | null
  migration: { tlsKey: string; signerKey: string; url: string } | null
  recovery: { tlsKey: string; signerKey: string; url: string; requestedAt: bigint; delivered: boolean } | null
}

/** `unread` until the contract's own view of it was read. */
export type AuthorisationFacts = 'unread' | { tlsKey: string; signerKey: string; expiresAt: bigint } | null

/** The account's part of a view. An expired recovery is one until the contract has swept it. */
export function operatorFacts(view: ContractView, accountId: string): OperatorFacts {
  const { state, migrationInfo } = view
  const participant = participantOf(state, accountId)
  const [backupService, migration] = Object.hasOwn(migrationInfo, accountId) ? (migrationInfo[accountId] ?? []) : []
  const recovering = state.kind === 'Recovery' ? state.state.recovering : {}
  const record = Object.hasOwn(recovering, accountId) ? recovering[accountId] : undefined
  return {
    participant:
      participant === undefined
        ? null
        : {
            participantId: participant.participantId,
            tlsKey: participant.info.tls_public_key,
            url: participant.info.url,
            incarnation: participant.info.incarnation,
          },
    backupService:
      backupService === undefined || backupService === null
        ? null
        : { tlsKey: backupService.public_key, signerKey: backupService.signer_account_pk },
    migration:
      migration === undefined || migration === null
        ? null
        : {
            tlsKey: migration.destination_node_info.tls_public_key,
            signerKey: migration.signer_account_pk,
            url: migration.destination_node_info.url,
          },
    recovery:
      record === undefined
        ? null
        : {
            tlsKey: record.destination_node_info.tls_public_key,
            signerKey: record.signer_account_pk,
            url: record.destination_node_info.url,
            requestedAt: record.requested_at,
            delivered: record.delivered !== null,
          },
  }
}

export function authorisationFacts(found: NodeAuthorization): AuthorisationFacts {
  if (found === null) return null
  return { tlsKey: found.tls_public_key, signerKey: found.signer_account_pk, expiresAt: found.expires_at }
}

/**
 * What changed for the operator between two looks, however long apart. `before` is null where nobody ever looked: then what
 * is under way is told, and what simply is so is taken as it is.
 */
export function operatorEvents(
  before: OperatorFacts | null,
  after: OperatorFacts,
  { accountId, ownTlsKey, home }: { accountId: string; ownTlsKey: string; home: string },
): Notice[] {
  return [
    ...recoveryEvents(before, after, accountId, home),
    ...(before === null ? [] : participantEvents(before, after, accountId)),
    ...(before === null ? [] : registrationEvents(before, after, accountId, ownTlsKey)),
    ...migrationEvents(before, after, accountId, home),
  ]
}

function recoveryEvents(before: OperatorFacts | null, after: OperatorFacts, accountId: string, home: string): Notice[] {
  const [was, is] = [before?.recovery ?? null, after.recovery]
  if (is === null) {
    if (was === null) return []
    const concluded = after.participant?.tlsKey === was.tlsKey
    const title = `the recovery of ${accountId} ${concluded ? 'is concluded' : 'was cancelled, dropped or expired'}`
    return [event('recovery', concluded ? 'critical' : 'warning', title, `Its destination was ${was.tlsKey}.`)]
  }
  const events: Notice[] = []
  if (was === null || was.tlsKey !== is.tlsKey || was.requestedAt !== is.requestedAt) {
    events.push(
      event(
        'recovery',
        'critical',
        `a recovery of ${accountId} was requested`,
        `The key shares are asked for by ${is.url}, TLS key ${is.tlsKey}, signer key ${is.signerKey}. ${IF_NOT_YOU} Stop it ` +
          `with: ${denial(home, is.tlsKey)}`,
      ),
    )
  }
  if (is.delivered && (was === null || !was.delivered || was.tlsKey !== is.tlsKey))
    events.push(
      event(
        'restore',
        'critical',
        `the key shares of ${accountId} were delivered`,
        `They went to ${is.url}, TLS key ${is.tlsKey}.`,
      ),
    )
  return events
}

function participantEvents({ participant: was }: OperatorFacts, after: OperatorFacts, accountId: string): Notice[] {
  const is = after.participant
  if (was === null && is === null) return []
  if (is === null)
    return [event('participant', 'critical', `${accountId} takes part no more`, 'A resharing left it out.')]
  if (was === null)
    return [event('participant', 'info', `${accountId} takes part`, `Its node's TLS key is ${is.tlsKey}.`)]
  if (was.tlsKey !== is.tlsKey || was.incarnation !== is.incarnation) {
    const text =
      `Its TLS key was ${was.tlsKey}${counted(was, is)} and is ${is.tlsKey}${counted(is, was)}, at ${is.url}. The node with the ` +
      `new key has the key shares. ${IF_NOT_YOU}`
    return [event('participant', 'critical', `the node of ${accountId} was replaced`, text)]
  }
  if (was.url === is.url) return []
  return [
    event(
      'participant',
      'warning',
      `the node of ${accountId} has another address`,
      `It was ${was.url} and is ${is.url}.`,
    ),
  ]
}

type Node = NonNullable<OperatorFacts['participant']>

/** Not every network counts incarnations: where it does not, they are equal. */
function counted({ incarnation }: Node, other: Node): string {
  return incarnation === other.incarnation ? '' : ` (incarnation ${incarnation})`
}

function registrationEvents(
  { backupService: was }: OperatorFacts,
  { backupService: is }: OperatorFacts,
  accountId: string,
  ownTlsKey: string,
): Notice[] {
  if (was?.tlsKey === is?.tlsKey && was?.signerKey === is?.signerKey) return []
  if (is === null)
    return [event('registration', 'critical', `${accountId} has no registered backup service any more`, IF_NOT_YOU)]
  if (is.tlsKey === ownTlsKey)
    return [
      event(
        'registration',
        'info',
        `this backup service is registered for ${accountId}`,
        `Its TLS key is ${ownTlsKey}.`,
      ),
    ]
  return [
    event(
      'registration',
      'critical',
      `another backup service is registered for ${accountId}`,
      `It may fetch the key shares from the node. Its TLS key is ${is.tlsKey}, this one's is ${ownTlsKey}. ${IF_NOT_YOU}`,
    ),
  ]
}

function migrationEvents(
  before: OperatorFacts | null,
  after: OperatorFacts,
  accountId: string,
  home: string,
): Notice[] {
  const [was, is] = [before?.migration ?? null, after.migration]
  if (is === null) {
    if (was === null) return []
    const concluded = after.participant?.tlsKey === was.tlsKey
    const title = `the migration of ${accountId} is ${concluded ? 'concluded' : 'withdrawn or dropped'}`
    return [
      event('migration', concluded ? 'critical' : 'warning', title, `It was to ${was.url}, TLS key ${was.tlsKey}.`),
    ]
  }
  if (was !== null && was.tlsKey === is.tlsKey && was.signerKey === is.signerKey && was.url === is.url) return []
  const text =
    `The key shares are to go to ${is.url}, TLS key ${is.tlsKey}, signer key ${is.signerKey}. ${IF_NOT_YOU} Stop it with: ` +
    denial(home, is.tlsKey)
  return [event('migration', 'critical', `a migration of ${accountId} was started`, text)]
}

/** Code on the contract's account that was replaced: with it whoever did so decides about every key. Nothing at the first look. */
export function contractEvents(was: string | null, is: string): Notice[] {
  if (was === null || was === is) return []
  const text =
    `It was ${was}. If the participants voted for an update, that is all; if not, somebody has the full-access key of the ` +
    "contract's account: ask the other operators."
  return [event('contract', 'warning', `the contract is ${is} now`, text)]
}

/** That this service has delivered, where no contract tells of it. */
export function deliveryEvent(
  accountId: string,
  { destination: { host, port, tlsPublicKey } }: Pick<Restore, 'destination'>,
  { delivery, provedGenuine }: Restored,
): Notice {
  const text =
    `They went to ${host}:${port}, TLS key ${tlsPublicKey}; ${DELIVERY_WORDS[delivery]}. ` +
    `${provedGenuine ? 'Each was proved genuine' : `Each ${NOT_PROVABLE}`}.`
  return event('restore', 'critical', `the key shares of ${accountId} were delivered`, text)
}

const DELIVERY_WORDS: Record<Delivered, string> = {
  said: 'the node said that it received them, and more is not known',
  confirmed: 'the contract knows of it',
  'read-back': 'the node has shown that it holds them',
}

/** What changed in the authorisation of a new node. */
export function authorisationEvents(
  before: AuthorisationFacts,
  after: AuthorisationFacts,
  accountId: string,
  home: string,
): Notice[] {
  if (after === 'unread') return []
  const was = before === 'unread' ? null : before
  if (after === null) {
    if (was === null) return []
    const title = `the authorisation of a new node of ${accountId} is gone`
    return [event('authorisation', 'info', title, `It was for ${was.tlsKey}: used, revoked, or expired.`)]
  }
  if (
    was !== null &&
    was.tlsKey === after.tlsKey &&
    was.signerKey === after.signerKey &&
    was.expiresAt === after.expiresAt
  )
    return []
  const until = new Date(Number(after.expiresAt / 1_000_000n)).toISOString()
  const text =
    `Until ${until} the node with TLS key ${after.tlsKey} and signer key ${after.signerKey} may ask for the key shares. ${IF_NOT_YOU} ` +
    `Forbid it here with: ${denial(home, after.tlsKey)}`
  return [event('authorisation', 'critical', `a new node of ${accountId} was authorised`, text)]
}

/** To be run where the service is. */
function denial(home: string, destination: string): string {
  return `holdfast backup deny --home ${home} --destination-key ${destination}`
}

const IF_NOT_YOU = 'If this was not you, your full-access key is stolen.'

function event(key: string, severity: Severity, title: string, text: string): Notice {
  return { key, severity, title, text, always: true }
}
