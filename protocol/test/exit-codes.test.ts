import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { HoldfastError } from '../src/errors.ts'
import { ERROR_CODES, EXIT_CODES, exitCodeOf } from '../src/exit-codes.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test('exit codes - should be distinct, and leave those of the shell alone', (t) => {
  const codes = Object.values(EXIT_CODES)
  t.is(new Set(codes).size, codes.length)
  for (const code of codes) t.true(code >= 0 && code < 126)
  t.is(EXIT_CODES.ok, 0)
})

test('an error - should end a process with the exit code of its row, and with failure in none', (t) => {
  const all: string[] = []
  for (const [exit, codes] of Object.entries(ERROR_CODES)) {
    for (const code of codes)
      t.is(exitCodeOf(new HoldfastError(code, 'x')), EXIT_CODES[exit as keyof typeof EXIT_CODES])
    all.push(...codes)
  }
  t.is(new Set(all).size, all.length, 'each code in one row')
  t.is(exitCodeOf(new HoldfastError('SOMETHING_ELSE', 'x')), EXIT_CODES.failure)
  t.is(exitCodeOf(new HoldfastError('constructor', 'x')), EXIT_CODES.failure)
  t.is(exitCodeOf(Object.assign(new TypeError('x'), { code: 'USAGE' })), EXIT_CODES.failure)
})

test('the table - should name no error that nobody throws', (t) => {
  const thrown = ['protocol', 'node', 'backup-service', 'cli', 'localnet'].flatMap((folder) =>
    sources(join(ROOT, folder, 'src')),
  )
  for (const code of Object.values(ERROR_CODES).flat())
    t.true(
      thrown.some((text) => text.includes(`'${code}'`)),
      code,
    )
})

for (const folder of ['node', 'backup-service']) {
  test(`${folder}/README.md - should give each error the exit code that it has`, (t) => {
    const readme = readFileSync(join(ROOT, folder, 'README.md'), 'utf8')
    const [, section = ''] = /\n## Exit codes\n([^]*?)\n## /.exec(readme) ?? []
    const rows = [...section.matchAll(/^\| (\d+) +\|.*\| (.*?) *\|$/gm)]
    t.true(rows.length > 3)
    for (const [, exit, codes = ''] of rows) {
      for (const [, code = ''] of codes.matchAll(/`([A-Z_]+)`/g)) {
        t.is(exitCodeOf(new HoldfastError(code, 'x')), Number(exit) as never, code)
      }
    }
  })
}

/** The text of every source file but the table itself. */
function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('exit-codes.ts'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
}
