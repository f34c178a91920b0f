import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { majorityOf } from '@holdfast/protocol/rpc/quorum-size.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { shutdownSignal } from '../shutdown.ts'
import type { Target } from './target.ts'

/** What `act` makes of the target's contract, on which a majority of the endpoints must agree. */
export async function withReader<T>(
  { contractId, rpcUrls }: Pick<Target, 'contractId' | 'rpcUrls'>,
  act: (reader: ReadContract, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const reader = createContractReader({ endpoints: rpcUrls, contractId, quorum: majorityOf(rpcUrls.length) })
  try {
    return await act(reader, shutdownSignal())
  } finally {
    reader.close()
  }
}
