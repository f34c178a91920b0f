import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import type { ChildProcess } from '@holdfast/cli/devnet/child-processes.ts'

const CLOCK_TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Resident memory of a process in MB (10^6 bytes), as the kernel counts it. */
export function residentMegabytes({ pid }: ChildProcess): number {
  const kibibytes = /^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kibibytes) * 1024) / 1e6
}

/** User and system time that a process has used so far, in milliseconds. */
export function cpuMilliseconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_PER_SECOND
}
