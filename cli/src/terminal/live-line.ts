import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const CLEAR = '\r\x1b[2K'

/** A line at the bottom of a terminal that says what is being waited for; nothing at all where there is no terminal. */
export type LiveLine = {
  /** Shows this text with a spinner and the seconds since it was first shown for this `topic`. */
  show(topic: string, text: string): void
  /** Removes the line, so that something lasting can be printed in its place. */
  clear(): void
}

export function createLiveLine(stream: WriteStream): LiveLine {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined }
  let shown: { topic: string; text: string; since: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let frame = 0

  const draw = (): void => {
    if (shown === undefined) return
    const seconds = `${((performance.now() - shown.since) / 1000).toFixed(1)} s`
    const room = (stream.columns ?? 80) - seconds.length - 8
    const text = truncate(shown.text, room)
    frame = (frame + 1) % FRAMES.length
    stream.write(`${CLEAR}  ${FRAMES[frame]} ${text}${' '.repeat(Math.max(1, room - text.length))} ${seconds}`)
  }
  return {
    show(topic, text) {
      shown = { topic, text, since: shown?.topic === topic ? shown.since : performance.now() }
      timer ??= setInterval(draw, 100).unref()
      draw()
    },
    clear() {
      clearInterval(timer)
      timer = undefined
      shown = undefined
      stream.write(CLEAR)
    },
  }
}

/** Cut to `room` columns, the cut marked. Text without escapes only. */
export function truncate(text: string, room: number): string {
  const plain = stripVTControlCharacters(text)
  return plain.length <= room ? plain : `${plain.slice(0, Math.max(0, room - 1))}…`
}
