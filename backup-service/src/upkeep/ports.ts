import type { ProofSubject } from '@holdfast/node/drill/throwaway-node.ts'
import type { PossessionProof } from '@holdfast/protocol/possession-proof.ts'
import type { NodeAddress } from '../ports.ts'
import type { Drill, Receipt } from './checks.ts'
import type { Live } from './live.ts'

/** A throwaway node on loopback that awaits the shares of one keyset. */
export type DrillNode = {
  address: NodeAddress
  /** Proofs that it holds the shares on its disk, in keyset order. @throws HoldfastError `DRILL_*` */
  possession(subject: ProofSubject): Promise<PossessionProof[]>
  /** Ends it and wipes all that it had. Idempotent. */
  end(): Promise<void>
}

export interface StartDrillNode {
  /** @throws HoldfastError `DRILL_NODE_FAILED`; the signal's reason */
  start(live: Live, signal: AbortSignal): Promise<DrillNode>
}

export type ReceiptClaim = Pick<Drill, 'epoch_id' | 'keyset_digest' | 'ciphertext_sha256'> & {
  kind: 'stored' | 'drilled'
}

export interface ReportReceipt {
  /** Tells the contract what is stored or drilled. That it cannot be told is an outcome. @throws the signal's reason */
  report(claim: ReceiptClaim, signal: AbortSignal): Promise<Receipt>
}
