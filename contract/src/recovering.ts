import type { Call } from './call.ts'
import { own } from './ledger.ts'
import { earlier } from './time.ts'
import type { RecoveryInBrief, RecoveringNode } from './types.ts'

/** Running -> Recovery, Recovery -> Recovery: the caller's recovery is recorded. */
export function beginRecovery({ ledger, caller }: Call, node: RecoveringNode): void {
  const core = ledger.core.read()
  const { expires_at, destination_node_info } = node
  const brief: RecoveryInBrief = { tls_public_key: destination_node_info.tls_public_key, expires_at }
  ledger.recovering.write({ ...ledger.recovering.read(), [caller]: brief })
  ledger.setRecovery(caller, node)
  const earliest_expiry = core.phase.kind === 'Recovery' ? earlier(core.phase.earliest_expiry, expires_at) : expires_at
  ledger.core.write({ ...core, phase: { kind: 'Recovery', earliest_expiry } })
}

/** Recovery -> Recovery, or Running if nobody is left: these accounts no longer recover. */
export function endRecoveries({ ledger }: Call, accounts: readonly string[]): void {
  const recovering = { ...ledger.recovering.read() }
  for (const account of accounts) {
    delete recovering[account]
    ledger.setRecovery(account, null)
  }
  const [first, ...others] = Object.keys(recovering).map((account) => own(recovering, account)?.expires_at ?? '')
  const core = ledger.core.read()
  if (first === undefined) {
    ledger.recovering.clear()
    ledger.core.write({ ...core, phase: { kind: 'Running' } })
  } else {
    ledger.recovering.write(recovering)
    ledger.core.write({ ...core, phase: { kind: 'Recovery', earliest_expiry: others.reduce(earlier, first) } })
  }
}

/** Recovery -> another state: nobody recovers any more. Returns how many did; the phase is the caller's to write. */
export function dropRecoveries({ ledger }: Call): number {
  const accounts = Object.keys(ledger.recovering.read())
  for (const account of accounts) ledger.setRecovery(account, null)
  if (accounts.length > 0) ledger.recovering.clear()
  return accounts.length
}
