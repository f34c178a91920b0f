import type { Command } from 'commander'
import { sha256 } from '../options.ts'
import { addOperatorOptions, HOME_OPTION, type OperatorOptions } from './operator-options.ts'

/** One of the two names the code: its hash, or the file. */
export type UpdateVoteOptions = OperatorOptions & { home?: string; codeHash?: string; wasm?: string }
export type DeployUpdateOptions = OperatorOptions & { home?: string; wasm: string }

/** `holdfast propose-update`: the operator names new code of the contract, and votes for it. */
export function addProposeUpdate(parent: Command): void {
  addVote(parent, 'propose-update', 'propose_update', 'name new code of the contract, and vote for it', [
    'Build the commit yourself and name the file, or the SHA-256 that the build prints; publish the commit, so that the others',
    'can do the same and vote for the same hash. Every operator has one vote; a new one takes the place of the last.',
  ])
}

/** `holdfast vote-update`: the operator's vote for code that another one has named. */
export function addVoteUpdate(parent: Command): void {
  addVote(parent, 'vote-update', 'vote_update', "cast the operator's vote for new code of the contract", [
    'Build the commit that the proposer names and vote with the file: if the hash is not the one proposed, the vote is refused.',
    'Every operator has one vote; to take it back, propose the hash of the code that runs. Votes: holdfast status.',
  ])
}

function addVote(
  parent: Command,
  name: string,
  method: 'propose_update' | 'vote_update',
  description: string,
  help: string[],
): void {
  const command = parent
    .command(name)
    .description(description)
    .option(...HOME_OPTION)
    .option('--code-hash <hex>', 'the SHA-256 of the wasm, in hex', sha256)
    .option('--wasm <file>', 'the wasm itself, whose SHA-256 is taken')
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
${help.join('\n')}

Examples:
  holdfast ${name} --wasm contract/build/holdfast.wasm --home /var/lib/holdfast/node --key-file alice.near.json
  holdfast ${name} --code-hash ${'0123456789abcdef'.repeat(4)} \\
    --account alice.near --contract mpc.near --dry-run`,
    )
    .action(async (options: UpdateVoteOptions) => {
      const { updateVoteCommand } = await import('../operator/updates.ts')
      await updateVoteCommand(method, options)
    })
}

/** `holdfast deploy-update`: code that the operators have voted for is put in place. */
export function addDeployUpdate(parent: Command): void {
  const command = parent
    .command('deploy-update')
    .description("put code that enough operators have voted for in the contract's place")
    .option(...HOME_OPTION)
    .requiredOption('--wasm <file>', 'the wasm that was voted for, byte for byte')
  addOperatorOptions(command)
  command
    .addHelpText(
      'after',
      `
Any account may do it and pays the gas, less than 0.1 NEAR. The contract hashes what it is sent; if that is what was voted for,
it becomes that code and migrates its state, all at once: if anything fails, code, state and votes are as before.

Examples:
  holdfast deploy-update --wasm contract/build/holdfast.wasm --home /var/lib/holdfast/node --key-file alice.near.json`,
    )
    .action(async (options: DeployUpdateOptions) => {
      const { deployUpdateCommand } = await import('../operator/updates.ts')
      await deployUpdateCommand(options)
    })
}
