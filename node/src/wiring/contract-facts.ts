import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { neededFact, type ContractFacts, type OwnFacts } from '../phases/decide-phase.ts'
import { readCandidate } from './candidate.ts'

type Onboarding = Pick<ContractFacts, 'authorization' | 'candidate'>
const NOTHING: Onboarding = { authorization: null, candidate: undefined }

/** Reads the facts of a phase decision; what only onboarding needs is read then, once per block. */
export function createFactsReader(reader: ReadContract, own: OwnFacts) {
  let known: { hash: string; facts: Onboarding } | undefined

  return async (view: ContractView, signal: AbortSignal): Promise<ContractFacts> => {
    const { block, state } = view
    if (known?.hash !== block.hash) known = { hash: block.hash, facts: await readOnboarding(view, signal) }
    return { state, nowNs: nanoseconds(view), ...known.facts }
  }

  async function readOnboarding(view: ContractView, signal: AbortSignal): Promise<Onboarding> {
    const needed = neededFact(own, view.state, nanoseconds(view))
    switch (needed) {
      case 'none':
        return NOTHING
      case 'candidate':
        return { ...NOTHING, candidate: await readCandidate(reader, own.accountId, signal) }
      case 'authorization':
        return { ...NOTHING, authorization: await reader.readAuthorization(own.accountId, signal) }
      default:
        needed satisfies never
        throw new TypeError('unknown fact')
    }
  }
}

function nanoseconds({ block }: ContractView): bigint {
  return BigInt(Math.floor(block.timestampMs)) * 1_000_000n
}
