import type { Call } from './call.ts'
import { earlier, reached } from './time.ts'
import type { RecoveryInBrief, RecoveringNode } from './types.ts'

/** Running -> Recovery, Recovery -> Recovery: the caller's recovery is recorded. */
export function beginRecovery({ ledger, caller }: Call, node: RecoveringNode): void {
  const core = ledger.core.read()
  const { expires_at, destination_node_info } = node
  const brief: RecoveryInBrief = { tls_public_key: destination_node_info.tls_public_key, expires_at }
  ledger.recovering.set(caller, brief)
  ledger.setRecovery(caller, node)
  const earliest_expiry = core.phase.kind === 'Recovery' ? earlier(core.phase.earliest_expiry, expires_at) : expires_at
  ledger.core.write({ ...core, phase: { kind: 'Recovery', earliest_expiry } })
}

/** Recovery -> Recovery, or Running if nobody is left: these accounts no longer recover. */
export function endRecoveries({ ledger, chain }: Call, accounts: readonly string[]): void {
  ledger.recovering.remove(...accounts)
  for (const account of accounts) ledger.setRecovery(account, null)
  const core = ledger.core.read()
  if (ledger.recovering.text() === '{}') {
    ledger.recovering.clear()
    ledger.core.write({ ...core, phase: { kind: 'Running' } })
    return
  }
  // Nothing expires before the earliest of those there were; once its time has come, it is looked for anew.
  if (core.phase.kind !== 'Recovery' || !reached(core.phase.earliest_expiry, chain.now())) return
  const [first = '', ...others] = Object.values(ledger.recovering.read()).map(({ expires_at }) => expires_at)
  ledger.core.write({ ...core, phase: { kind: 'Recovery', earliest_expiry: others.reduce(earlier, first) } })
}

/** Recovery -> another state: nobody recovers any more. Returns how many did; the phase is the caller's to write. */
export function dropRecoveries({ ledger }: Call): number {
  const accounts = Object.keys(ledger.recovering.read())
  for (const account of accounts) ledger.setRecovery(account, null)
  if (accounts.length > 0) ledger.recovering.clear()
  return accounts.length
}
