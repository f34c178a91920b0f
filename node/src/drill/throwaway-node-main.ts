import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { PossessionProof } from '@holdfast/protocol/possession-proof.ts'
import { openThrowawayNode, type ProofSubject, type ThrowawayNode, type ThrowawayTask } from './throwaway-node.ts'

/** What whoever drills may ask of this process, one at a time: first to open, then to prove. */
export type ThrowawayRequest = { kind: 'open'; task: ThrowawayTask } | { kind: 'prove'; subject: ProofSubject }
export type ThrowawayReply =
  | { kind: 'listening'; port: number; tlsPublicKey: Ed25519KeyText }
  | { kind: 'proofs'; proofs: PossessionProof[] }
  | { kind: 'refused'; code: string; message: string }

/** The process of a drill's node: as separate from the backup service as a real node. It ends with whoever started it. */
let node: ThrowawayNode | undefined
process.on('message', (request: ThrowawayRequest) => {
  void answer(request).then((reply) => process.send?.(reply))
})
process.once('disconnect', () => process.exit())

async function answer(request: ThrowawayRequest): Promise<ThrowawayReply> {
  try {
    switch (request.kind) {
      case 'open': {
        node = await openThrowawayNode(request.task)
        return { kind: 'listening', port: node.port, tlsPublicKey: node.tlsPublicKey }
      }
      case 'prove': {
        if (node === undefined) throw new TypeError('the node is not open')
        return { kind: 'proofs', proofs: await node.possession(request.subject) }
      }
      default:
        request satisfies never
        throw new TypeError('unknown request')
    }
  } catch (error) {
    return { kind: 'refused', code: isHoldfastError(error) ? error.code : 'FAILURE', message: errorMessage(error) }
  }
}
