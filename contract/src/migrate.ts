import { closeCall, newCall } from './call.ts'
import { emit } from './events.ts'
import type { Chain } from './ports.ts'
import { refuse } from './refusal.ts'
import { bringUpToDate, STATE_VERSION } from './state-version.ts'
import { requireVoted } from './updates.ts'
import { fields } from './validation/arguments.ts'
import { sha256Hex } from './validation/sha256.ts'

/**
 * `migrate({code_hash?})`: what new code does first, called by the contract's account alone. `deploy_update` calls it, in the
 * receipt that has put this code in place, with the code's hash, which must still have its votes: of two deployments on
 * their way at once the second changes nothing. Where a full-access key of the contract's account has put the code in place,
 * it calls this without. Any state; the votes for updates end.
 * @throws Refusal NOT_CONTRACT_ACCOUNT, UPDATE_NOT_VOTED, STATE_VERSION_MISMATCH
 */
export function migrate(chain: Chain): void {
  const caller = chain.predecessor()
  if (caller !== chain.self()) {
    refuse('NOT_CONTRACT_ACCOUNT', `only ${chain.self()} may migrate its state, found ${caller}`)
  }
  const { code_hash: given } = fields(JSON.parse(chain.input() || '{}'), 'arguments', ['code_hash'])
  const code_hash = given === undefined || given === null ? null : sha256Hex(given, 'code_hash')
  const from_version = bringUpToDate(chain)
  const call = newCall(chain, caller)
  const { ledger } = call
  if (!ledger.core.exists()) return
  if (code_hash !== null) requireVoted(ledger, code_hash)
  ledger.updateVotes.write({})
  emit(call, 'migrated', { code_hash, from_version, to_version: STATE_VERSION })
  closeCall(call)
}
