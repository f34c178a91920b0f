import { readFileSync } from 'node:fs'

/** The peak of a process's memory so far in MB (10^6 bytes), as the kernel counts it; 0 if it is gone. */
export function peakMegabytes(pid: string | number): number {
  try {
    const kibibytes = /^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return (Number(kibibytes ?? 0) * 1024) / 1e6
  } catch {
    return 0
  }
}

/**
 * Follows processes that come and go, looking every `everyMs`: the peak of a process's memory can be read only while it lives.
 * @returns ends it, and gives the highest peak in MB
 */
export function watchPeak(pids: () => readonly (string | number)[], everyMs = 10): () => number {
  let most = 0
  const timer = setInterval(() => {
    for (const pid of pids()) most = Math.max(most, peakMegabytes(pid))
  }, everyMs)
  return () => {
    clearInterval(timer)
    return most
  }
}

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children.split(' ').filter((each) => each !== '')
}
