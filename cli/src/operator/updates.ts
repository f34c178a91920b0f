import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { DeployUpdateOptions, UpdateVoteOptions } from '../commands/updates.ts'
import { planUpdateVote } from './plan.ts'
import { readHome } from './read-home.ts'
import { readWasm } from './read-wasm.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget, type Target } from './target.ts'

/** @throws HoldfastError `USAGE`, and those of `runOperatorCommand` */
export async function updateVoteCommand(
  method: 'propose_update' | 'vote_update',
  options: UpdateVoteOptions,
): Promise<void> {
  const target = await targetOf(options)
  const codeHash = await codeHashOf(options)
  await runOperatorCommand(
    options,
    target,
    planUpdateVote(method, codeHash),
    `${target.accountId} has voted for ${codeHash}; once the governance threshold has, anyone may: holdfast deploy-update`,
  )
}

/** @throws HoldfastError `USAGE`, and those of `runOperatorCommand` */
export async function deployUpdateCommand(options: DeployUpdateOptions): Promise<void> {
  const target = await targetOf(options)
  const { bytes, sha256 } = await readWasm(options.wasm)
  await runOperatorCommand(
    options,
    target,
    [{ kind: 'deploy-update', wasm: bytes, file: options.wasm }],
    `${target.contractId} runs the code with SHA-256 ${sha256}; holdfast status shows that its state is as it was.`,
  )
}

async function targetOf(options: UpdateVoteOptions): Promise<Target> {
  return resolveTarget(options, options.home === undefined ? undefined : await readHome(options.home))
}

async function codeHashOf({ codeHash, wasm }: UpdateVoteOptions): Promise<string> {
  if ((codeHash === undefined) === (wasm === undefined)) {
    throw new HoldfastError('USAGE', 'name the code once: with --code-hash or with --wasm; see --help')
  }
  return codeHash ?? (await readWasm(wasm as string)).sha256
}
