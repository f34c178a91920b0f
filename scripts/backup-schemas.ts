import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateBackupSchemas } from './backup-schemas/generate.ts'

/** Writes the published schemas anew: after a change of what a command prints. A test compares them. */
const directory = join(import.meta.dirname, '..', 'backup-service', 'schema')
await mkdir(directory, { recursive: true })
for (const [name, text] of await generateBackupSchemas()) await writeFile(join(directory, name), text)
