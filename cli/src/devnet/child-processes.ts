import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { startWatchdog } from './watchdog.ts'

/** How a process ended: an exit code, or the signal that killed it. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null }

export type ChildProcess = {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<Ending>
  /** How it ended, or undefined while it runs. */
  ending(): Ending | undefined
  /** Sends a signal; resolves when the process has ended. */
  end(signal: NodeJS.Signals): Promise<Ending>
}

export type ChildProcesses = {
  /** Starts a program; what it prints is appended to `logFile`. */
  start(command: {
    name: string
    program: string
    args: string[]
    logFile: string
    env?: NodeJS.ProcessEnv
  }): ChildProcess
  /** SIGTERM to all, SIGKILL to those that are still there after `graceMs`. */
  endAll(graceMs?: number): Promise<void>
}

const MAIN = join(import.meta.dirname, '..', '..', 'holdfast.js')

/** As all who start the program do; see there. */
const NODE_FLAGS = ['--max-semi-space-size=1']

/** Program and arguments that run `holdfast ARGS` with this very Node.js. */
export function holdfastCommand(...args: string[]): { program: string; args: string[] } {
  return { program: process.execPath, args: [...NODE_FLAGS, MAIN, ...args] }
}

/**
 * The operating-system processes of one network. Each gets a session of its own, so that a Ctrl-C in the terminal
 * reaches only the one that decides; a watchdog ends them should this process be killed.
 */
export function createChildProcesses(): ChildProcesses {
  const watchdog = startWatchdog()
  const running = new Set<ChildProcess>()
  return {
    start({ name, program, args, logFile, env }) {
      const log = openSync(logFile, 'a', 0o600)
      const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: env ?? process.env })
      closeSync(log)
      const { pid } = child
      if (pid === undefined) {
        child.on('error', () => undefined)
        throw new HoldfastError('PROCESS_NOT_STARTED', `cannot start ${name}: ${program} does not run on this machine`)
      }
      watchdog.add(pid)
      const ended = once(child, 'exit').then((): Ending => {
        watchdog.remove(pid)
        running.delete(handle)
        return { code: child.exitCode, signal: child.signalCode }
      })
      const handle: ChildProcess = {
        name,
        pid,
        logFile,
        ended,
        ending: () =>
          child.exitCode === null && child.signalCode === null
            ? undefined
            : { code: child.exitCode, signal: child.signalCode },
        end: (signal) => {
          child.kill(signal)
          return ended
        },
      }
      running.add(handle)
      return handle
    },
    async endAll(graceMs = 5_000) {
      const all = [...running]
      const killer = setTimeout(() => all.forEach((each) => void each.end('SIGKILL')), graceMs)
      await Promise.all(all.map((each) => each.end('SIGTERM')))
      clearTimeout(killer)
      watchdog.close()
    },
  }
}

/** @throws HoldfastError `PROCESS_ENDED`, naming its log, if the process does not run any more. */
export function expectRunning(process: ChildProcess | undefined): void {
  const ending = process?.ending()
  if (process === undefined || ending === undefined) return
  throw new HoldfastError(
    'PROCESS_ENDED',
    `the ${process.name} has ended (${ending.signal ?? `exit code ${ending.code}`}); its log is ${process.logFile}`,
  )
}
