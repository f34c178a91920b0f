import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { addAuthorise } from './commands/authorise.ts'
import { addBackupApprove, addBackupDeny } from './commands/backup-approve.ts'
import { addBackupDrill } from './commands/backup-drill.ts'
import { addBackupImportNearMpc } from './commands/backup-import-near-mpc.ts'
import { addBackupExport } from './commands/backup-export.ts'
import { addBackupInit } from './commands/backup-init.ts'
import { addBackupList } from './commands/backup-list.ts'
import { addBackupPrune } from './commands/backup-prune.ts'
import { addBackupRestore } from './commands/backup-restore.ts'
import { addBackupRun } from './commands/backup-run.ts'
import { addBackupShow } from './commands/backup-show.ts'
import { addBackupStatus } from './commands/backup-status.ts'
import { addBackupVerify } from './commands/backup-verify.ts'
import { addBackupTestAlert } from './commands/backup-test-alert.ts'
import { addDeploy } from './commands/deploy.ts'
import { addDemo } from './commands/demo.ts'
import { addKeys } from './commands/keys.ts'
import { addLocalnet } from './commands/localnet.ts'
import { addNodeDoctor } from './commands/node-doctor.ts'
import { addNodeInit } from './commands/node-init.ts'
import { addNodeRun } from './commands/node-run.ts'
import { addNodeStatus } from './commands/node-status.ts'
import { addNodeUnbury } from './commands/node-unbury.ts'
import { addRegister } from './commands/register.ts'
import { addSign } from './commands/sign.ts'
import { addStatus } from './commands/status.ts'
import { addDeployUpdate, addProposeUpdate, addVoteUpdate } from './commands/updates.ts'
import { addVoteAddDomains } from './commands/vote-add-domains.ts'
import { addVoteCancelResharing } from './commands/vote-cancel-resharing.ts'
import { addVoteNewParameters } from './commands/vote-new-parameters.ts'
import { reportFailure } from './failure.ts'
import { CommandExit } from './command-exit.ts'
import { Stopped } from './shutdown.ts'

const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as {
  version: string
}

/**
 * Runs the command line (without the program's name).
 * @returns the exit code; nothing is thrown, every failure has been reported on stderr.
 */
export async function runProgram(args: string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(args, { from: 'user' })
    return EXIT_CODES.ok
  } catch (error) {
    if (error instanceof CommandExit) return error.exitCode
    if (error instanceof Stopped) {
      process.stderr.write(`${error.message} before the end\n`)
      return error.exitCode
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
    return reportFailure(error)
  }
}

/** The whole command tree. Only definitions: what a command needs is imported when it runs. */
export function buildProgram(): Command {
  const program = new Command('holdfast')
    .description('Keeps a threshold-signing network on NEAR from losing its keys.')
    .exitOverride()
    .showHelpAfterError('Run the same command with --help to see its options.')
    .addHelpText('after', EXIT_CODE_HELP)
    .version(VERSION, '--version', 'print the version')
    .helpCommand('help [command]', 'the same as COMMAND --help')

  const node = program.command('node').description('the MPC node: set up, run, look at')
  addNodeInit(node)
  addNodeRun(node)
  addNodeStatus(node)
  addNodeDoctor(node)
  addNodeUnbury(node)

  const backup = program.command('backup').description('the backup service beside a node: set up, run, look at')
  addBackupInit(backup)
  addBackupRun(backup)
  addBackupStatus(backup)
  addBackupList(backup)
  addBackupShow(backup)
  addBackupPrune(backup)
  addBackupExport(backup)
  addBackupVerify(backup)
  addBackupDrill(backup)
  addBackupRestore(backup)
  addBackupImportNearMpc(backup)
  addBackupApprove(backup)
  addBackupDeny(backup)
  addBackupTestAlert(backup)

  addDeploy(program)
  addKeys(program)
  addAuthorise(program)
  addRegister(program)
  addVoteAddDomains(program)
  addVoteNewParameters(program)
  addVoteCancelResharing(program)
  addProposeUpdate(program)
  addVoteUpdate(program)
  addDeployUpdate(program)
  addStatus(program)
  addSign(program)
  addLocalnet(program)
  addDemo(program)
  return program
}

const EXIT_CODE_HELP = `
Exit codes: ${Object.entries(EXIT_CODES)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')} (see cli/README.md).
An unexpected failure prints its stack with HOLDFAST_DEBUG=1.`
