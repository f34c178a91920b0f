import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'

const PAGE = 'docs/near-mpc-wire.md'
const text = readFileSync(join(import.meta.dirname, '..', '..', PAGE), 'utf8')

type Row = { theirs: string; ours: string }
/** A recorded case, what near/mpc made of it, and how to find out what Holdfast makes of it. */
export type WireCase = { name: string; theirs: string; ours: (t: ExecutionContext) => Promise<string> }

/**
 * One test per recorded case: Holdfast's outcome is near/mpc's, or docs/near-mpc-wire.md lists the case under `section`
 * with both outcomes. A difference that is not listed fails, and so does a listed one that is none, or is no case.
 */
export function testAgainstDifferences(section: string, cases: readonly WireCase[]): void {
  const listed = rowsOf(section)
  for (const { name, theirs, ours } of cases) {
    const row = listed.get(name)
    test(`${section}, "${name}" - should be ${row === undefined ? `as near/mpc's: ${theirs}` : `${row.ours}, as listed`}`, async (t) => {
      const outcome = await ours(t)
      if (row === undefined) return t.is(outcome, theirs, `differs from near/mpc and is not listed in ${PAGE}`)
      t.not(row.ours, row.theirs, `listed in ${PAGE}, and does not differ`)
      return t.deepEqual({ theirs, ours: outcome }, row, `not as listed in ${PAGE}`)
    })
  }
  test(`the differences listed under "${section}" - should be of cases that were recorded, each once`, (t) => {
    const names = cases.map(({ name }) => name)
    t.is(new Set(names).size, names.length, 'two cases of one name')
    t.deepEqual(
      [...listed.keys()].filter((name) => !names.includes(name)),
      [],
    )
  })
}

/** The rows `| case | near/mpc | Holdfast | why |` of a section, none of whose cells may be empty. */
function rowsOf(section: string): Map<string, Row> {
  const body = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`))
  if (body === undefined) throw new TypeError(`${PAGE} has no section "${section}"`)
  const cells = body
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim()),
    )
  const rows = new Map<string, Row>()
  for (const [name = '', theirs = '', ours = '', why = '', ...more] of cells.slice(2)) {
    if (more.length > 0 || [name, theirs, ours, why].includes('') || rows.has(name))
      throw new TypeError(`${PAGE}, "${section}": the row of "${name}" is not whole, or not the only one`)
    rows.set(name, { theirs, ours })
  }
  return rows
}
