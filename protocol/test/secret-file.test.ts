import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readSecretFile, writeNewSecretFile } from '../src/secret-file.ts'

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-secret-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

test('a secret file - should be written with mode 0600 and read back, nothing left beside it', async (t) => {
  const home = await folder(t)
  const path = join(home, 'identity.json')
  await writeNewSecretFile(path, 'secret', 'the identity')
  t.is(await readSecretFile(path, 'the identity'), 'secret')
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.deepEqual(await readdir(home), ['identity.json'])
})

test('a secret file - should never be overwritten', async (t) => {
  const home = await folder(t)
  const path = join(home, 'identity.json')
  await writeNewSecretFile(path, 'first', 'the identity')
  await t.throwsAsync(writeNewSecretFile(path, 'second', 'the identity'), {
    code: 'SECRET_FILE_EXISTS',
    message: /refusing to overwrite the identity/,
  })
  t.is(await readSecretFile(path, 'the identity'), 'first')
  t.deepEqual(await readdir(home), ['identity.json'])
})

test('two writers at once - should leave exactly one to succeed', async (t) => {
  const path = join(await folder(t), 'identity.json')
  const results = await Promise.allSettled(['a', 'b', 'c'].map((text) => writeNewSecretFile(path, text, 'it')))
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 1)
})

for (const mode of [0o640, 0o604, 0o660, 0o777]) {
  test(`a secret file of mode ${mode.toString(8)} - should be refused`, async (t) => {
    const path = join(await folder(t), 'identity.json')
    await writeNewSecretFile(path, 'secret', 'the identity')
    await chmod(path, mode)
    await t.throwsAsync(readSecretFile(path, 'the identity'), {
      code: 'SECRET_FILE_EXPOSED',
      message: new RegExp(`found mode 0${mode.toString(8)}, expected 0600`),
    })
  })
}

test('a missing secret file - should be named', async (t) => {
  const path = join(await folder(t), 'identity.json')
  await t.throwsAsync(readSecretFile(path, 'the identity'), {
    code: 'SECRET_FILE_MISSING',
    message: /there is no file/,
  })
})

test('a folder that does not exist - should fail as it is, not as an existing file', async (t) => {
  const path = join(await folder(t), 'no', 'identity.json')
  await t.throwsAsync(writeNewSecretFile(path, 'x', 'the identity'), { code: 'ENOENT' })
})
