import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import type { Finding } from '@holdfast/protocol/doctor/finding.ts'
import { CommandExit } from '../command-exit.ts'
import { columnsOf } from './columns.ts'
import { renderFindings } from './findings.ts'

/** Prints what a doctor found. @throws CommandExit 9 if anything is wrong */
export function reportFindings(findings: readonly Finding[], asJson: boolean): void {
  console.log(asJson ? JSON.stringify(findings) : renderFindings(findings, columnsOf(process.stdout)))
  if (findings.some(({ verdict }) => verdict === 'wrong')) throw new CommandExit(EXIT_CODES.checkFailed)
}
