import { blockTimeNs } from '@holdfast/protocol/live-state.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { neededFact } from '../phases/decide-phase.ts'
import type { ContractFacts, OwnFacts } from '../phases/facts.ts'
import { readCandidate } from './candidate.ts'

type Onboarding = Pick<ContractFacts, 'authorization' | 'candidate'>
const NOTHING: Onboarding = { authorization: null, candidate: undefined }

/** Reads the facts of a phase decision; what only onboarding needs is read then, once per block. */
export function createFactsReader(reader: ReadContract, own: OwnFacts) {
  let known: { hash: string; facts: Onboarding } | undefined

  return async (view: ContractView, signal: AbortSignal): Promise<ContractFacts> => {
    const facts = factsOfView(view)
    const { hash } = view.block
    if (known?.hash !== hash) known = { hash, facts: await readOnboarding(facts, signal) }
    return { ...facts, ...known.facts }
  }

  function factsOfView({ state, migrationInfo, block }: ContractView): Omit<ContractFacts, keyof Onboarding> {
    const [backupService, migration] = migrationInfo[own.accountId] ?? [null, null]
    return {
      state,
      nowNs: blockTimeNs(block),
      migration,
      hasBackupService: backupService !== null,
    }
  }

  async function readOnboarding(
    facts: Omit<ContractFacts, keyof Onboarding>,
    signal: AbortSignal,
  ): Promise<Onboarding> {
    const needed = neededFact(own, facts)
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
