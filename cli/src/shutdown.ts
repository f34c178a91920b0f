import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Why a `shutdownSignal` aborted. */
export class Stopped extends Error {
  readonly signal: (typeof SIGNALS)[number]
  /** The shell's code for a command that this signal ended before it was done: 130 or 143. */
  readonly exitCode: number

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`stopped by ${signal}`)
    this.name = 'Stopped'
    this.signal = signal
    this.exitCode = 128 + constants.signals[signal]
  }
}

/**
 * The two-signal shutdown: the first SIGINT or SIGTERM aborts the returned signal, so that the command can end
 * cleanly; its reason is a `Stopped`. The second ends the process at once, by that signal (which the shell tells as 130 or
 * 143): `process.exit` would wait for a disk that hangs. Everything that is written survives that too, as it survives a power cut.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name)
        process.kill(process.pid, name)
      }
      controller.abort(new Stopped(name))
    })
  }
  return controller.signal
}
