import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { buildProgram } from '../src/program.ts'

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')

test('README - should list every command', (t) => {
  for (const command of buildProgram().commands) {
    const names =
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((each) => `${command.name()} ${each.name()}`)
    for (const name of names) t.true(readme.includes(`| \`${name}\` `), name)
  }
})

test('README - should list every exit code', (t) => {
  for (const [name, code] of Object.entries(EXIT_CODES)) t.regex(readme, new RegExp(`\\| ${code} +\\| ${name} `), name)
})
