import { stripVTControlCharacters, styleText } from 'node:util'

/** Rows of text in aligned columns, two spaces apart, the header dim. Cells may hold colours. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[], indent = ''): string {
  const widths = header.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(width)))
  const line = (cells: readonly string[]): string =>
    `${indent}${cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  ')}`.trimEnd()
  return [styleText('dim', line(header)), ...rows.map(line)].join('\n')
}

function width(text: string): number {
  return stripVTControlCharacters(text).length
}
