import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

/** README.md of this folder names what a node must live through; fails if a file that shows it is gone. */
test('tests/README.md - should name files that there are', (t) => {
  const names = [...readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').matchAll(/`([a-z-]+\.test\.ts)`/g)]
  t.true(names.length > 20)
  for (const [, name = ''] of names) t.true(existsSync(join(import.meta.dirname, name)), name)
})
