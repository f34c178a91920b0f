import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'

const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as {
  version: string
}

/** The program without any command. */
export function createProgram(): Command {
  return new Command('holdfast')
    .description('Keeps a threshold-signing network on NEAR from losing its keys.')
    .exitOverride()
    .showHelpAfterError('Run the same command with --help to see its options.')
    .addHelpText('after', EXIT_CODE_HELP)
    .version(VERSION, '--version', 'print the version')
    .helpCommand('help [command]', 'the same as COMMAND --help')
}

/** The group of the node's commands, none in it yet. */
export function addNode(program: Command): Command {
  return program.command('node').description('the MPC node: set up, run, look at')
}

/** The group of the backup service's commands, none in it yet. */
export function addBackup(program: Command): Command {
  return program.command('backup').description('the backup service beside a node: set up, run, look at')
}

const EXIT_CODE_HELP = `
Exit codes: ${Object.entries(EXIT_CODES)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')} (see cli/README.md).
An unexpected failure prints its stack with HOLDFAST_DEBUG=1.`
