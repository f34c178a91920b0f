import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { DeployOptions } from '../commands/deploy.ts'
import { compiledContract } from '../devnet/contract-wasm.ts'
import { shutdownSignal } from '../shutdown.ts'
import { accountContent, decideDeployment } from './account-content.ts'
import { readParticipants } from './first-participants.ts'
import { initArguments, leastGovernanceThreshold, type FirstParticipant } from './init-parameters.ts'
import { planDeployment } from './plan.ts'
import { readWasm } from './read-wasm.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget } from './target.ts'

/**
 * `holdfast deploy`: the contract's account signs for itself. A dry run needs no endpoint, and with one looks too.
 * @throws HoldfastError `USAGE`, `CONFIG_INVALID`, `CONTRACT_EXISTS`, `CONTRACT_NOT_BUILT`, and those of the chain
 */
export async function deployCommand(options: DeployOptions): Promise<void> {
  const participants = await chooseParticipants(options)
  checkThreshold(options.threshold, participants.length)
  const target = resolveTarget({ ...options, account: options.contract }, undefined)
  const signal = shutdownSignal()
  const contract = options.wasm === undefined ? await compiledContract(signal) : await readWasm(options.wasm)
  process.stderr.write(`contract ${contract.file}: SHA-256 ${contract.sha256}\n`)
  const { contractId, rpcUrls } = target
  const found =
    rpcUrls.length === 0
      ? { codeSha256: undefined, hasState: false }
      : await accountContent(contractId, rpcUrls, signal)
  const code =
    decideDeployment(contractId, found, contract.sha256) === 'init only'
      ? ('there already' as const)
      : { wasm: contract.bytes, file: contract.file }
  await runOperatorCommand(
    options,
    target,
    planDeployment({ code, initArgs: initArguments(participants, options.threshold) }),
    `The network of ${participants.map(({ accountId }) => accountId).join(', ')} is ${contractId}; next each operator runs ` +
      'holdfast authorise and holdfast register, and all vote for the first keys with holdfast vote-add-domains.',
  )
}

async function chooseParticipants({ participant, participants }: DeployOptions): Promise<FirstParticipant[]> {
  if ((participant === undefined) === (participants === undefined)) {
    throw new HoldfastError('USAGE', 'who takes part? give either --participant, once for each, or --participants')
  }
  const all = participant ?? (await readParticipants(participants ?? ''))
  if (all.length >= 2) return all
  throw new HoldfastError('USAGE', `found ${all.length} participant, expected at least 2`)
}

function checkThreshold(threshold: number, participants: number): void {
  const least = leastGovernanceThreshold(participants)
  if (threshold >= least && threshold <= participants) return
  throw new HoldfastError(
    'USAGE',
    `--threshold ${threshold} does not fit ${participants} participants: expected ${least} (60 %) to ${participants}`,
  )
}
