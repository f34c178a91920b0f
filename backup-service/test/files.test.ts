import test from 'ava'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Files } from '../src/ports.ts'
import { nodeFiles } from '../src/adapters/node-files.ts'
import { temporaryDirectory } from './support/home.ts'
import { MemoryFiles } from './support/memory-files.ts'

const adapters: [name: string, files: () => Files][] = [
  ['node files', () => nodeFiles],
  ['memory files', () => new MemoryFiles()],
]

for (const [name, make] of adapters) {
  test(`${name} - should keep, list, replace and remove`, async (t) => {
    const files = make()
    const directory = await temporaryDirectory(t)
    const [a, b] = [join(directory, 'a'), join(directory, 'b')]
    await files.create(a, Buffer.from('one'))
    await files.sync(a)
    await files.create(b, Buffer.from('two'))
    t.deepEqual((await files.list(directory)).toSorted(), ['a', 'b'])
    await files.rename(a, b)
    await files.syncDirectory(directory)
    t.deepEqual(await files.list(directory), ['b'])
    t.is(Buffer.from(await files.read(b)).toString(), 'one')
    await files.remove(b)
    t.deepEqual(await files.list(directory), [])
  })

  test(`${name} - should never overwrite by creating, and name what is missing`, async (t) => {
    const files = make()
    const path = join(await temporaryDirectory(t), 'a')
    await files.create(path, Buffer.from('one'))
    await t.throwsAsync(files.create(path, Buffer.from('two')), { code: 'EEXIST' })
    t.is(Buffer.from(await files.read(path)).toString(), 'one')
    await files.remove(path)
    await t.throwsAsync(files.read(path), { code: 'ENOENT' })
    await t.throwsAsync(files.remove(path), { code: 'ENOENT' })
    await t.throwsAsync(files.sync(path), { code: 'ENOENT' })
    await t.throwsAsync(files.rename(path, `${path}2`), { code: 'ENOENT' })
  })
}

test('node files - should be for the owner alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'a')
  await nodeFiles.create(path, Buffer.from('one'))
  t.is((await stat(path)).mode & 0o777, 0o600)
})
