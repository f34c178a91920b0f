import { styleText } from 'node:util'
import type { Finding } from '@holdfast/protocol/doctor/finding.ts'
import { wrapText } from './wrap.ts'

const MARKS = { well: styleText('green', '✔'), doubtful: styleText('yellow', '!'), wrong: styleText('red', '✘') }
const ORDER = ['wrong', 'doubtful', 'well'] as const
const GAP = 2

/** Findings, the worst first, each with what to do about it, and a line that sums up; of those that are well, if told so, only that. */
export function renderFindings(findings: readonly Finding[], columns: number, which: 'all' | 'open' = 'all'): string {
  const shown = which === 'all' ? ORDER : ORDER.filter((verdict) => verdict !== 'well')
  const width = Math.max(0, ...shown.flatMap((verdict) => of(verdict)).map(({ check }) => check.length))
  const indent = ' '.repeat(GAP + width + GAP)
  const block = (text: string): string => wrapText(text, columns - indent.length, '').replaceAll('\n', `\n${indent}`)
  const lines = (finding: Finding): string => {
    const found = `${MARKS[finding.verdict]} ${finding.check.padEnd(width + GAP)}${block(finding.found)}`
    return finding.verdict === 'well' ? found : `${found}\n${indent}${block(`→ ${finding.todo}`)}`
  }
  const sum = ORDER.map((verdict) => `${of(verdict).length} ${verdict}`).join(', ')
  return [...shown.flatMap(of).map(lines), '', sum].join('\n').trimStart()

  function of(verdict: Finding['verdict']): Finding[] {
    return findings.filter((finding) => finding.verdict === verdict)
  }
}
