import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { sourceCommit } from '../../scripts/contract-build/source-commit.ts'
import { EMPTY_SLOT, sourceMetadata, withMetadata } from '../../scripts/contract-build/source-metadata.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-commit-'))
const origin = join(directory, 'origin')
const source = join('contract', 'src', 'contract.ts')

function git(at: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...who, ...args], {
    cwd: at,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

test.before(() => {
  mkdirSync(join(origin, 'contract', 'src'), { recursive: true })
  git(origin, 'init')
  for (const [file, text] of [
    [source, '1'],
    ['README.md', '2'],
  ] as const) {
    writeFileSync(join(origin, file), text)
    git(origin, 'add', '.')
    git(origin, 'commit', '-m', file)
  }
})

test.after.always(() => rmSync(directory, { recursive: true, force: true }))

test('source commit - should be the commit that is checked out, in a shallow clone elsewhere too', async (t) => {
  const head = git(origin, 'rev-parse', 'HEAD')
  t.is(await sourceCommit(origin), head)
  const shallow = join(directory, 'shallow')
  git(directory, 'clone', '--depth', '1', `file://${origin}`, shallow)
  t.is(git(shallow, 'rev-list', '--count', 'HEAD'), '1')
  t.is(await sourceCommit(shallow), head)
})

test('source commit - should say so if what is built is not the commit, and only then', async (t) => {
  const copy = join(directory, 'copy')
  cpSync(origin, copy, { recursive: true })
  const head = git(copy, 'rev-parse', 'HEAD')
  writeFileSync(join(copy, 'README.md'), 'changed')
  t.is(await sourceCommit(copy), head)
  writeFileSync(join(copy, 'contract', 'src', 'new.ts'), '')
  t.is(await sourceCommit(copy), `${head}-dirty`)
  rmSync(join(copy, 'contract', 'src', 'new.ts'))
  rmSync(join(copy, source))
  t.is(await sourceCommit(copy), `${head}-dirty`)
})

test('source commit - should be none where the source lies in no repository of its own', async (t) => {
  const within = join(origin, 'contract')
  t.is(await sourceCommit(within), null)
  const nowhere = join(directory, 'nowhere')
  mkdirSync(nowhere)
  t.is(await sourceCommit(nowhere), null)
})

test('source metadata - should name the commit, or nothing, in the same number of bytes', (t) => {
  const [none, some] = [sourceMetadata(null), sourceMetadata('0'.repeat(40))]
  t.is(none.length, some.length)
  t.is(JSON.parse(none).build_info.source_code_snapshot, null)
  t.is(JSON.parse(some).build_info.source_code_snapshot, `git?rev=${'0'.repeat(40)}`)
  t.is(JSON.parse(some).link, null, 'until package.json has a repository')
})

test('source metadata - should go to its one place and nowhere else', (t) => {
  const text = sourceMetadata(null)
  const wasm = Buffer.from(`before${EMPTY_SLOT}after`)
  t.is(Buffer.from(withMetadata(wasm, EMPTY_SLOT, text)).toString(), `before${text}after`)
  t.throws(() => withMetadata(Buffer.from('none'), EMPTY_SLOT, text))
  t.throws(() => withMetadata(Buffer.concat([wasm, wasm]), EMPTY_SLOT, text))
})
