import { doubtful, well, wrong, type Finding } from './finding.ts'

/** A final block is a few seconds old; a clock that differs by more than this is worth a word. */
const CLOCK_OFF_MS = 30_000

/** A final block is seconds old: what is far from that is this machine's clock, or all endpoints behind. Unix milliseconds. */
export function checkClock(blockMs: number, nowMs: number): Finding {
  const age = nowMs - blockMs
  const text = `${(age / 1000).toFixed(1)} s after the newest final block`
  if (age < -1_000) return wrong('clock', text, "this machine's clock is behind: set it by NTP")
  if (age > CLOCK_OFF_MS) {
    return doubtful(
      'clock',
      text,
      "set this machine's clock by NTP, or look at why the chain or its endpoints stand still",
    )
  }
  return well('clock', text)
}
