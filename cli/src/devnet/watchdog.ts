import { spawn } from 'node:child_process'

/** Ends processes that outlive the process which started them. */
export type Watchdog = { add(pid: number): void; remove(pid: number): void; close(): void }

/**
 * Starts a shell that holds the read end of a pipe from this process. However this process ends, by SIGKILL too, the
 * pipe closes, and the shell kills what was added and not removed. It runs in a session of its own, so that a Ctrl-C in
 * the terminal does not reach it.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.stdin.on('error', () => undefined)
  shell.unref()
  ;(shell.stdin as unknown as { unref(): void }).unref()
  return {
    add: (pid) => shell.stdin.write(`+ ${pid}\n`),
    remove: (pid) => shell.stdin.write(`- ${pid}\n`),
    close: () => shell.stdin.end(),
  }
}

const SCRIPT = `
live=''
while read -r change pid; do
  kept=''
  for each in $live; do [ "$each" = "$pid" ] || kept="$kept $each"; done
  live=$kept
  [ "$change" = + ] && live="$live $pid"
done
for each in $live; do kill -KILL "$each"; done
`
