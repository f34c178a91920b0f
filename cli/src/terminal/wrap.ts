import { printable } from '@holdfast/protocol/printable.ts'

/** Text broken between words so that no line is longer than `width` columns, all but the first indented by `indent`; without escapes, whoever wrote it. */
export function wrapText(text: string, width: number, indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
