import { listed, put, without } from '../immutable.ts'
import { digestOf, sameKeyset } from '../keyset.ts'
import type { InPhase, Model, Recovering } from '../model.ts'
import { participant, recovering, replaced, takesPart } from '../people.ts'
import { broken, nothing, type Change, type Event, type Method } from '../ruling.ts'
import { SECOND } from '../time.ts'
import { displaced, takenByOthers } from '../tls-keys.ts'
import { recoveringJson } from '../views.ts'
import type { NodeInfo } from './candidates.ts'

/** Running, Recovery -> Recovery, by one participant alone whose operator has authorised the node, or asks himself. */
export const submitParticipantRecoveryInfo: Method<NodeInfo> = (model, by, { participant_info, signer_account_pk }) => {
  const { url, tls_public_key } = participant_info
  const self = participant(model, by.account)
  const authorization = model.authorizations.get(by.account)
  const signer = signer_account_pk ?? by.key
  const isOperator = by.deposit >= 1n
  const isNode = !isOperator
  const mismatch = authorization?.tls !== tls_public_key || authorization.signer !== signer
  return {
    refused: broken(
      [model.phase.kind !== 'Running' && model.phase.kind !== 'Recovery', 'WRONG_STATE'],
      [self === undefined, 'NOT_PARTICIPANT'],
      [isOperator && signer_account_pk === undefined, 'MISSING_ARGUMENT'],
      [isNode && signer !== by.key, 'WRONG_SIGNER_KEY'],
      [isNode && authorization === undefined, 'NOT_AUTHORIZED'],
      [isNode && authorization !== undefined && by.now >= authorization.expiresAt, 'AUTHORIZATION_EXPIRED'],
      [isNode && authorization !== undefined && mismatch, 'AUTHORIZATION_MISMATCH'],
      [self?.tls_public_key === tls_public_key, 'OWN_TLS_KEY'],
      [takenByOthers(model, by.account, tls_public_key, false), 'TLS_KEY_TAKEN'],
      [recovering(model).has(by.account), 'ALREADY_RECOVERING'],
      [by.now < (model.cooldowns.get(by.account) ?? 0n), 'COOLDOWN'],
    ),
    then() {
      const record: Recovering = {
        participantId: self?.id ?? -1,
        node: { url, tls_public_key },
        signer,
        requestedAt: by.now,
        expiresAt: by.now + model.config.recovery_timeout_seconds * SECOND,
        delivered: null,
      }
      const { model: free, events } = displaced(model, tls_public_key)
      const phase: InPhase<'Recovery'> = {
        kind: 'Recovery',
        recovering: put(recovering(model), by.account, record),
      }
      const data = { account_id: by.account, ...recoveringJson(record) }
      return { model: { ...free, phase }, events: [...events, { event: 'recovery_requested', data }] }
    },
  }
}

interface Delivery {
  readonly tls_public_key: string
  readonly keyset_digest: string
}

/** The backup service says that the new node has the shares. */
export const confirmShareDelivery: Method<Delivery> = (model, by, { tls_public_key, keyset_digest }) => {
  const record = recovering(model).get(by.account)
  const service = model.backupServices.get(by.account)
  const otherSigner = service !== undefined && service.signer !== null && service.signer !== by.key
  return {
    refused: broken(
      [model.phase.kind !== 'Recovery', 'WRONG_STATE'],
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [record === undefined, 'NOT_RECOVERING'],
      [service === undefined, 'NO_BACKUP_SERVICE'],
      [otherSigner, 'WRONG_SIGNER_KEY'],
      [record !== undefined && record.node.tls_public_key !== tls_public_key, 'TLS_KEY_MISMATCH'],
      [keyset_digest !== digestOf(model.running), 'KEYSET_MISMATCH'],
    ),
    then() {
      if (record === undefined || record.delivered?.keyset_digest === keyset_digest) return nothing(model)
      const told = { ...record, delivered: { keyset_digest, at: by.now } }
      const records = new Map(
        [...recovering(model)].map(([account, one]) => [account, account === by.account ? told : one]),
      )
      const data = { account_id: by.account, tls_public_key, keyset_digest, at: String(by.now) }
      return {
        model: { ...model, phase: { kind: 'Recovery', recovering: records } },
        events: [{ event: 'share_delivery_confirmed', data }],
      }
    },
  }
}

/** The new node has the live keyset and takes its account's place. */
export const concludeRecovery: Method<{ readonly keyset: unknown }> = (model, by, { keyset }) => {
  const record = recovering(model).get(by.account)
  return {
    refused: broken(
      [model.phase.kind !== 'Recovery', 'WRONG_STATE'],
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [record === undefined, 'NOT_RECOVERING'],
      [record !== undefined && record.signer !== by.key, 'WRONG_SIGNER_KEY'],
      [!sameKeyset(keyset, model.running), 'KEYSET_MISMATCH'],
    ),
    then() {
      const self = participant(model, by.account)
      if (record === undefined || self === undefined) return nothing(model)
      const next = { ...self, ...record.node, incarnation: self.incarnation + 1n }
      const changed = {
        ...replaced(model, next),
        authorizations: without(model.authorizations, by.account),
        migrations: without(model.migrations, by.account),
        signers: put(model.signers, by.account, record.signer),
      }
      const data = { account_id: by.account, ...record.node, incarnation: next.incarnation }
      return released(changed, [by.account], [{ event: 'recovery_concluded', data }])
    },
  }
}

export const cancelRecovery: Method<object> = (model, by) => ({
  refused: broken(
    [model.phase.kind !== 'Recovery', 'WRONG_STATE'],
    [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
    [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
    [!recovering(model).has(by.account), 'NOT_RECOVERING'],
  ),
  then() {
    const until = by.now + model.config.recovery_cooldown_seconds * SECOND
    const cooling = { ...model, cooldowns: put(model.cooldowns, by.account, until) }
    const data = { account_id: by.account, cooldown_until: String(until) }
    return released(cooling, [by.account], [{ event: 'recovery_cancelled', data }])
  },
})

/** Sweeping is all it does, and that every call does before it acts. */
export const expireRecoveries: Method<object> = (model) => ({ refused: new Set(), then: () => nothing(model) })

const MOST_SWEPT = 32

/** What every change call does first: recoveries that are over end, at most 32, the caller's own before all. */
export function sweep(model: Model, caller: string, now: bigint): Change {
  const records = recovering(model)
  const over = listed(records).filter((account) => now >= (records.get(account)?.expiresAt ?? now + 1n))
  const callersFirst = [
    ...over.filter((account) => account === caller),
    ...over.filter((account) => account !== caller),
  ]
  const swept = callersFirst.slice(0, MOST_SWEPT)
  if (swept.length === 0) return nothing(model)
  let { cooldowns } = model
  const events: Event[] = []
  for (const account of swept) {
    const { expiresAt } = records.get(account) as Recovering
    const until = expiresAt + model.config.recovery_cooldown_seconds * SECOND
    cooldowns = put(cooldowns, account, until)
    const data = { account_id: account, expired_at: String(expiresAt), cooldown_until: String(until) }
    events.push({ event: 'recovery_expired', data })
  }
  return released({ ...model, cooldowns }, swept, events)
}

/** These accounts recover no more; the last one out resumes Running. */
function released(model: Model, accounts: readonly string[], events: readonly Event[]): Change {
  const rest = new Map([...recovering(model)].filter(([account]) => !accounts.includes(account)))
  if (rest.size > 0) return { model: { ...model, phase: { kind: 'Recovery', recovering: rest } }, events }
  const entered = { event: 'running_entered', data: { epoch_id: model.running.epoch, from: 'Recovery' } }
  return { model: { ...model, phase: { kind: 'Running' } }, events: [...events, entered] }
}
