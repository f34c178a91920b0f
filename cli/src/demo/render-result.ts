import { styleText } from 'node:util'
import { renderTable } from '../terminal/table.ts'
import { type DemoResult, SIGNATURE_TIMES } from './events.ts'

/** The closing tables: who signed when under which key, the times against the chain's own, the verdict. */
export function renderResult(result: DemoResult): string {
  const parts = ['']
  if (result.signatures.length > 0) parts.push(signatureTable(result), '')
  const times = timeTable(result)
  if (times !== undefined) parts.push(times, '')
  parts.push(verdict(result))
  return parts.join('\n')
}

function signatureTable({ public_keys, signatures }: DemoResult): string {
  const rows = Object.entries(public_keys).map(([domain, key]) => [
    domain,
    ...SIGNATURE_TIMES.map((when) => {
      const made = signatures.find((each) => each.when === when && each.domain === Number(domain))
      return made === undefined ? styleText('dim', 'none') : styleText('green', `✔ ${made.signature.slice(0, 4)}`)
    }),
    key,
  ])
  return renderTable(['key', ...SIGNATURE_TIMES, 'public key, as the contract holds it'], rows, '  ')
}

function timeTable({ seconds: { one, all, floor } }: DemoResult): string | undefined {
  if (floor === null) return undefined
  const row = (what: string, seconds: number | null): string[] =>
    seconds === null
      ? [what, '-', '']
      : [what, `${seconds.toFixed(1)} s`, `${(seconds / floor).toFixed(2)} × the floor`]
  return renderTable(
    ['measured', 'time', ''],
    [
      ['floor: two calls in a row on this chain, each until FINAL', `${floor.toFixed(1)} s`, ''],
      row('one machine: from process start until it has signed', one),
      row('all machines: until the last one has signed', all),
    ],
    '  ',
  )
}

function verdict({ ok, checks }: DemoResult): string {
  const held = checks.filter((check) => check.ok).length
  return ok
    ? styleText(['green', 'bold'], `  All ${checks.length} checks held: every machine was lost, no key was.`)
    : styleText(['red', 'bold'], `  ${held} of ${checks.length} checks held${ok ? '' : ', the demo failed'}.`)
}
