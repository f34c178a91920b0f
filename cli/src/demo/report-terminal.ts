import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { createLiveLine, truncate } from '../terminal/live-line.ts'
import { counted } from '../terminal/plural.ts'
import type { DemoEvent, DemoReporter } from './events.ts'
import { renderResult } from './render-result.ts'

const TITLE_WIDTH = 36
const MAX_COLUMNS = 120

/** Lasting lines for what happened, one live line for what is waited for. */
export function createTerminalReporter(stream: WriteStream): DemoReporter {
  const live = createLiveLine(stream)
  const columns = Math.min(stream.columns ?? 100, MAX_COLUMNS)
  const print = (text: string): void => {
    live.clear()
    stream.write(`${text}\n`)
  }
  return {
    event: (event) => {
      const text = renderEvent(event, columns)
      if (text !== undefined) print(text)
    },
    waiting: (step, note) => live.show(step, note === '' ? step : `${step}: ${note}`),
    result: (result) => print(renderResult(result)),
  }
}

/** The lasting text of one event, or undefined where it has none. */
function renderEvent(event: DemoEvent, columns: number): string | undefined {
  switch (event.event) {
    case 'started':
      return [
        `${styleText('bold', 'Holdfast demo')}: ${event.nodes} machines hold ${counted(event.domains, 'distributed key')}; any ${event.threshold} of them sign.`,
        styleText('dim', `Chain: ${event.chain}, a block every ${event.block_ms} ms. Files: ${event.home}`),
      ].join('\n')
    case 'phase':
      return `\n${styleText('bold', event.title)}`
    case 'step':
      return stepLine(styleText('green', '✔'), event.step, event.detail, event.seconds, columns)
    case 'step_failed':
      return `${stepLine(styleText('red', '✘'), event.step, '', event.seconds, columns)}\n    ${styleText('red', event.error)}`
    case 'check':
      return event.ok
        ? `    ${styleText('green', 'checked')} ${event.name}`
        : `    ${styleText(['red', 'bold'], 'DOES NOT HOLD')} ${event.name}`
    case 'signature':
      return undefined
    case 'kept':
      return ['\nStill running. Ctrl-C ends it all and deletes the files.', ...reach(event.reach)].join('\n')
    case 'stopped':
      return `\nStopped by ${event.signal} before the end. Every process has ended, and the files are deleted.`
    case 'failed':
      return `\n${styleText('red', 'The demo did not finish')}: ${event.error}\n  Logs of every process: ${event.logs}`
    default:
      event satisfies never
      throw new TypeError('unknown demo event')
  }
}

function stepLine(mark: string, title: string, detail: string, seconds: number, columns: number): string {
  const time = `${seconds.toFixed(1)} s`.padStart(7)
  const room = columns - 4 - TITLE_WIDTH - 1 - time.length - 1
  const shown = truncate(detail, room)
  return `  ${mark} ${title.padEnd(TITLE_WIDTH)} ${styleText('dim', shown.padEnd(room))} ${time}`
}

function reach(entries: Record<string, string>): string[] {
  const width = Math.max(...Object.keys(entries).map((name) => name.length))
  return Object.entries(entries).map(([name, how]) => `  ${name.padEnd(width)}  ${how}`)
}
