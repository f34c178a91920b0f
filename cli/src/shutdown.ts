import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * The two-signal shutdown: the first SIGINT or SIGTERM aborts the returned signal, so that the command can end
 * cleanly; the second ends the process at once with the shell's code for that signal (130 or 143). Everything that is
 * written survives that too, as it survives a power cut.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[name])
      controller.abort(new Error(`stopped by ${name}`))
    })
  }
  return controller.signal
}
