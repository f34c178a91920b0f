import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { buildProgram } from '@holdfast/cli/program.ts'
import { generateBackupSchemas } from '../scripts/backup-schemas/generate.ts'

const DIRECTORY = join(import.meta.dirname, '..', 'backup-service', 'schema')
const generated = await generateBackupSchemas()

test('the published schemas - should be what the code checks with (else: node scripts/backup-schemas.ts)', (t) => {
  t.deepEqual(readdirSync(DIRECTORY).toSorted(), [...generated.keys()].toSorted())
  for (const [name, text] of generated) t.is(readFileSync(join(DIRECTORY, name), 'utf8'), text, name)
})

test('every backup command with --json - should have a published schema', (t) => {
  const backup = buildProgram().commands.find((command) => command.name() === 'backup')
  const printing = backup?.commands.filter(({ options }) => options.some(({ long }) => long === '--json')) ?? []
  t.true(printing.length > 5)
  for (const command of printing) t.true(generated.has(`${command.name()}.json`), command.name())
})
