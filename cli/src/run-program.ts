import { CommanderError, type Command } from 'commander'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { CommandExit } from './command-exit.ts'
import { addBackup, addNode, createProgram } from './program-root.ts'
import { Stopped } from './shutdown.ts'

/**
 * Runs the command line (without the program's name).
 * @returns the exit code; nothing is thrown, every failure has been reported on stderr.
 */
export async function runProgram(args: string[]): Promise<number> {
  try {
    const program = await programFor(args)
    await program.parseAsync(args, { from: 'user' })
    return EXIT_CODES.ok
  } catch (error) {
    if (error instanceof CommandExit) return error.exitCode
    if (error instanceof Stopped) {
      process.stderr.write(`${error.message} before the end\n`)
      return error.exitCode
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
    const { reportFailure } = await import('./failure.ts')
    return reportFailure(error)
  }
}

/** A service stays for months: what it loads of the command tree is its own command. Any other gets the whole. */
export async function programFor([group, name]: string[]): Promise<Command> {
  if (name === 'run' && group === 'node') {
    const { addNodeRun } = await import('./commands/node-run.ts')
    const program = createProgram()
    addNodeRun(addNode(program))
    return program
  }
  if (name === 'run' && group === 'backup') {
    const { addBackupRun } = await import('./commands/backup-run.ts')
    const program = createProgram()
    addBackupRun(addBackup(program))
    return program
  }
  const { buildProgram } = await import('./program.ts')
  return buildProgram()
}
