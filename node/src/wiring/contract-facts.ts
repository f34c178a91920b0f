import { type NodeAuthorization } from '@holdfast/protocol/contract-state.ts'
import { type ContractView, type ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { needsOnboardingFacts, type Candidate, type ContractFacts, type OwnFacts } from '../phases/decide-phase.ts'
import { readCandidate } from './candidate.ts'

type Onboarding = { authorization: NodeAuthorization; candidate: Candidate | undefined }

/** Reads the facts of a phase decision; what only onboarding needs is read then, once per block. */
export function createFactsReader(reader: ReadContract, own: OwnFacts) {
  let known: { hash: string; facts: Onboarding } | undefined

  return async (view: ContractView, signal: AbortSignal): Promise<ContractFacts> => {
    const nowNs = BigInt(Math.floor(view.block.timestampMs)) * 1_000_000n
    if (!needsOnboardingFacts(own, view.state))
      return { state: view.state, nowNs, authorization: null, candidate: undefined }
    if (known?.hash !== view.block.hash) known = { hash: view.block.hash, facts: await readOnboarding(signal) }
    return { state: view.state, nowNs, ...known.facts }
  }

  async function readOnboarding(signal: AbortSignal): Promise<Onboarding> {
    const [authorization, candidate] = await Promise.all([
      reader.readAuthorization(own.accountId, signal),
      readCandidate(reader, own.accountId, signal),
    ])
    return { authorization, candidate }
  }
}
