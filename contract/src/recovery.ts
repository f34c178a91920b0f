import { requireAuthorization } from './authorization.ts'
import { requireBackupService } from './backup-services.ts'
import { type Call, requireOperator, requireParticipant, requirePhase } from './call.ts'
import { emit } from './events.ts'
import { requireSignerKey } from './key-event.ts'
import { own } from './ledger.ts'
import { replaceNode } from './node-replacement.ts'
import { beginRecovery, endRecoveries } from './recovering.ts'
import { refuse } from './refusal.ts'
import { claimTlsKey } from './tls-keys.ts'
import { after, reached } from './time.ts'
import type { Nanoseconds, RecoveringNode, RecoveryInBrief } from './types.ts'
import { fields, present, show, text } from './validation/arguments.ts'
import { requireLiveKeyset } from './validation/keyset.ts'
import { ed25519Key, nodeInfo } from './validation/node-info.ts'

/**
 * Running -> Recovery, Recovery -> Recovery: one participant, alone, has its node's place taken over by a new node. The node
 * itself asks, and its operator has authorised exactly it; or the operator asks with the full-access key (1 yoctoNEAR).
 */
export function submitParticipantRecoveryInfo(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['participant_info', 'signer_account_pk'])
  const core = ledger.core.read()
  requirePhase(core, 'Running', 'Recovery')
  const [, participant_id, current] = requireParticipant(call)
  present(args.participant_info, 'participant_info')
  const destination_node_info = nodeInfo(args.participant_info, 'participant_info', chain)
  const { tls_public_key } = destination_node_info
  const byOperator = chain.deposit() > 0n
  const signer_account_pk = signerOfNewNode(call, args.signer_account_pk, byOperator)
  checkNotRecovering(call)
  checkCooldown(call)
  if (tls_public_key === current.tls_public_key) {
    refuse('OWN_TLS_KEY', `${tls_public_key} is the node's present TLS key; a recovery needs a node with a new one`)
  }
  if (byOperator) requireOperator(call)
  else requireAuthorization(call, tls_public_key, signer_account_pk)
  claimTlsKey(call, tls_public_key, ['candidate', 'migrating node'], true)
  const node: RecoveringNode = {
    participant_id,
    destination_node_info,
    signer_account_pk,
    requested_at: String(chain.now()),
    expires_at: after(chain.now(), ledger.config.read().recovery_timeout_seconds),
    delivered: null,
  }
  beginRecovery(call, node)
  emit(call, 'recovery_requested', { account_id: call.caller, ...node })
}

/** Recovery -> Recovery: the backup service says that the new node has the shares. */
export function confirmShareDelivery(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['tls_public_key', 'keyset_digest'])
  const tls_public_key = text(args.tls_public_key, 'tls_public_key')
  const keyset_digest = text(args.keyset_digest, 'keyset_digest')
  const node = requireRecovering(call)
  requireBackupService(call)
  const expected = node.destination_node_info.tls_public_key
  if (tls_public_key !== expected) {
    refuse('TLS_KEY_MISMATCH', `${call.caller} recovers as ${expected}, found ${show(tls_public_key)}`)
  }
  const { keyset_digest: live } = ledger.liveKeyset.read()
  if (keyset_digest !== live) {
    refuse('KEYSET_MISMATCH', `the digest of the live keyset is ${live}, found ${show(keyset_digest)}`)
  }
  // A repeated confirmation of the same delivery changes nothing.
  if (node.delivered !== null) return
  const delivered = { keyset_digest, at: String(chain.now()) }
  ledger.setRecovery(call.caller, { ...node, delivered })
  emit(call, 'share_delivery_confirmed', { account_id: call.caller, tls_public_key, ...delivered })
}

/** Recovery -> Recovery or Running: the new node has the live keyset and takes the place over. */
export function concludeRecovery(call: Call, input: unknown): void {
  const { ledger } = call
  const args = fields(input, 'arguments', ['keyset'])
  const node = requireRecovering(call)
  requireSignerKey(call, node.signer_account_pk)
  requireLiveKeyset(args.keyset, ledger)
  const incarnation = replaceNode(call, node)
  // Used up, whichever way the recovery was asked for.
  if (ledger.authorization(call.caller) !== null) ledger.setAuthorization(call.caller, null)
  endRecoveries(call, [call.caller])
  emit(call, 'recovery_concluded', { account_id: call.caller, ...node.destination_node_info, incarnation })
  announceResumption(call)
}

/** Recovery -> Recovery or Running: the operator gives the recovery up; a new one must wait for the cooldown. */
export function cancelRecovery(call: Call, input: unknown): void {
  fields(input, 'arguments', [])
  requireRecovering(call)
  requireOperator(call)
  endRecoveries(call, [call.caller])
  const cooldown_until = startCooldown(call, call.caller, String(call.chain.now()))
  emit(call, 'recovery_cancelled', { account_id: call.caller, cooldown_until })
  announceResumption(call)
}

/** Recovery -> Recovery or Running; in any other state, or with nothing expired, nothing happens. Anyone may ask for it. */
export function expireRecoveries(_call: Call, input: unknown): void {
  // What has expired is gone already, as far as one call reaches: every change call begins with `sweepExpired`.
  fields(input, 'arguments', [])
}

/**
 * So many expired recoveries end in one call: each logs an event of some 200 bytes, and NEAR allows 100 logs and 16,384 bytes
 * of them a call. Without the bound, 80 recoveries that expire together would make every later call fail.
 */
const SWEPT_PER_CALL = 32

/**
 * Before a change call acts: recoveries whose time is over end, each with its cooldown from the moment it expired. The
 * caller's own is always among them, so that an expired record can neither conclude nor confirm.
 */
export function sweepExpired(call: Call): void {
  const { phase } = call.ledger.core.read()
  const now = call.chain.now()
  if (phase.kind !== 'Recovery' || !reached(phase.earliest_expiry, now)) return
  const recovering = call.ledger.recovering.read()
  const expired = [call.caller, ...Object.keys(recovering).filter((account) => account !== call.caller)]
    .filter((account) => {
      const brief = own(recovering, account)
      return brief !== undefined && reached(brief.expires_at, now)
    })
    .slice(0, SWEPT_PER_CALL)
  for (const account of expired) {
    const { expires_at } = own(recovering, account) as RecoveryInBrief
    const cooldown_until = startCooldown(call, account, expires_at)
    emit(call, 'recovery_expired', { account_id: account, expired_at: expires_at, cooldown_until })
  }
  endRecoveries(call, expired)
  announceResumption(call)
}

function signerOfNewNode(call: Call, given: unknown, byOperator: boolean): string {
  if (byOperator) return ed25519Key(given, 'signer_account_pk', call.chain)
  const signing = call.chain.signerKey()
  if (given === undefined || given === null) return signing
  const named = ed25519Key(given, 'signer_account_pk', call.chain)
  // Without a deposit the caller is the node: it proves its key by signing with it.
  if (named !== signing) refuse('WRONG_SIGNER_KEY', `the call must be signed with ${named}, found ${signing}`)
  return signing
}

function checkNotRecovering(call: Call): void {
  const pending = call.ledger.recovery(call.caller)
  if (pending === null) return
  refuse(
    'ALREADY_RECOVERING',
    `${call.caller} is recovering as ${pending.destination_node_info.tls_public_key} until ${pending.expires_at}; ` +
      'cancel_recovery first to name another node',
  )
}

function checkCooldown(call: Call): void {
  const { cooldown_until } = call.ledger.identity(call.caller)
  if (cooldown_until !== null && !reached(cooldown_until, call.chain.now())) {
    refuse('COOLDOWN', `${call.caller} may ask for a new recovery at ${cooldown_until}, it is ${call.chain.now()}`)
  }
}

function requireRecovering(call: Call): RecoveringNode {
  requirePhase(call.ledger.core.read(), 'Recovery')
  requireParticipant(call)
  const node = call.ledger.recovery(call.caller)
  if (node === null) refuse('NOT_RECOVERING', `${call.caller} is not recovering`)
  return node
}

function announceResumption(call: Call): void {
  if (call.ledger.core.read().phase.kind !== 'Running') return
  emit(call, 'running_entered', { epoch_id: call.ledger.keyset.read().epoch_id, from: 'Recovery' })
}

function startCooldown(call: Call, account: string, from: Nanoseconds): Nanoseconds {
  const { ledger } = call
  const cooldown_until = after(BigInt(from), ledger.config.read().recovery_cooldown_seconds)
  ledger.setIdentity(account, { ...ledger.identity(account), cooldown_until })
  return cooldown_until
}
