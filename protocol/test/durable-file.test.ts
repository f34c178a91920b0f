import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isTemporaryName, makeDirectory, removeDurably, writeDurably } from '../src/durable-file.ts'

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-durable-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

test('a durable file - should be replaced whole, with mode 0600 and nothing left beside it', async (t) => {
  const home = await folder(t)
  const path = join(home, 'status.json')
  await writeFile(path, 'a long old content', { mode: 0o644 })
  await writeDurably(path, 'new')
  t.is(await readFile(path, 'utf8'), 'new')
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.deepEqual(await readdir(home), ['status.json'])
})

test('a durable file that cannot be put in place - should leave the old one and no temporary', async (t) => {
  const home = await folder(t)
  const path = join(home, 'taken')
  await makeDirectory(join(path, 'inside'))
  await t.throwsAsync(writeDurably(path, 'new'), { message: /EISDIR|ENOTEMPTY|EEXIST/ })
  t.deepEqual(await readdir(home), ['taken'])
})

test('many writers of one file - should leave one whole content', async (t) => {
  const path = join(await folder(t), 'file')
  const contents = Array.from({ length: 10 }, (_, index) => String(index).repeat(1000))
  await Promise.all(contents.map((content) => writeDurably(path, content)))
  t.true(contents.includes(await readFile(path, 'utf8')))
})

test('a temporary name - should be told from a file of ours', (t) => {
  t.true(isTemporaryName('.status.json.0123456789ab.tmp'))
  for (const name of ['status.json', '.status.json.tmp', '.status.json.0123456789AB.tmp'])
    t.false(isTemporaryName(name))
})

test('removal - should be fine with a file that is not there', async (t) => {
  const path = join(await folder(t), 'file')
  await writeDurably(path, 'x')
  await removeDurably(path)
  await t.notThrowsAsync(removeDurably(path))
})

test('a new directory - should be for its owner only', async (t) => {
  const path = join(await folder(t), 'a', 'b')
  await makeDirectory(path)
  await makeDirectory(path)
  t.is((await stat(path)).mode & 0o777, 0o700)
})
