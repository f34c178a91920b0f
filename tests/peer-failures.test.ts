import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

/** docs/peer-failures.md, row by row: each names tests that exist, and the rows are all of near/mpc's known failures. */
const ROOT = join(import.meta.dirname, '..')
const FIXED = 17
const OPEN = 14

type Row = { number: string; failure: string; proofs: { file: string; title: string }[] }

const rows = [
  ...readFileSync(join(ROOT, 'docs', 'peer-failures.md'), 'utf8').matchAll(/^\| ([12]\.\d+) +\|(.*)\|$/gm),
].map(([, number = '', rest = '']): Row => {
  const [, failure = '', , shown = ''] = rest.split(' | ').map((cell) => cell.replaceAll('\\|', '|').trim())
  const proofs = [...shown.matchAll(/`([^`]+\.test\.ts)`: (.*?)(?:; (?=`)|$)/g)]
  return { number, failure, proofs: proofs.map(([, file = '', title = '']) => ({ file, title })) }
})

test('docs/peer-failures.md - should have every failure once', (t) => {
  const expected = [
    ...Array.from({ length: FIXED }, (_, i) => `1.${i + 1}`),
    ...Array.from({ length: OPEN }, (_, i) => `2.${i + 1}`),
  ]
  t.deepEqual(
    rows.map(({ number }) => number),
    expected,
  )
})

for (const { number, failure, proofs } of rows) {
  test(`near/mpc ${number}: ${failure} - should be shown absent by ${proofs.map(({ title }) => `"${title}"`).join(', ')}`, (t) => {
    t.true(proofs.length > 0)
    for (const { file, title } of proofs)
      t.true(
        titlesOf(file).some((each) => each.startsWith(title)),
        `${file}: ${title}`,
      )
  })
}

/** Every title in the file, as it is written there: templates with their holes. */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(/(['"`])((?:(?!\1|\n).)* - should (?:(?!\1|\n).)*)\1/g)].map(([, , title = '']) =>
    title.replaceAll("\\'", "'"),
  )
}
