import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { base58 } from '@scure/base'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { readNearCredentials } from '../src/near/credentials.ts'

const SEED = new Uint8Array(32).fill(7)
const PUBLIC = publicKeyOfSeed(SEED)
const SECRET = `ed25519:${base58.encode(Buffer.concat([SEED, base58.decode(PUBLIC.slice('ed25519:'.length))]))}`

async function keyFile(t: ExecutionContext, content: unknown, mode = 0o600): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const file = join(directory, 'key.json')
  await writeFile(file, JSON.stringify(content), { mode })
  return file
}

for (const name of ['private_key', 'secret_key']) {
  test(`a key file - should be read with its secret in ${name}`, async (t) => {
    const file = await keyFile(t, { account_id: 'alice.near', public_key: PUBLIC, [name]: SECRET })
    t.deepEqual(
      { ...(await readNearCredentials(file)), seed: undefined },
      { accountId: 'alice.near', publicKey: PUBLIC, seed: undefined },
    )
  })
}

test('a key file - should be refused if others may read it', async (t) => {
  const file = await keyFile(t, { account_id: 'alice.near', private_key: SECRET }, 0o644)
  await t.throwsAsync(readNearCredentials(file), { code: 'KEY_FILE_EXPOSED', message: /mode 644.*chmod 600/ })
})

test('a key file - should be refused if its public key is another one, without showing the secret', async (t) => {
  const other = publicKeyOfSeed(new Uint8Array(32).fill(8))
  const file = await keyFile(t, { account_id: 'alice.near', public_key: other, private_key: SECRET })
  const error = await t.throwsAsync(readNearCredentials(file), { code: 'KEY_FILE_INVALID' })
  t.true(error.message.includes(other) && error.message.includes(PUBLIC))
  t.false(inspect(error).includes(SECRET))
})

test('a key file - should be refused if a field is missing', async (t) => {
  const file = await keyFile(t, { account_id: 'alice.near' })
  await t.throwsAsync(readNearCredentials(file), { code: 'KEY_FILE_INVALID', message: /private_key/ })
})
