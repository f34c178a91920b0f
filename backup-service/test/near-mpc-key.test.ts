import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import test from 'ava'
import { readNearMpcTlsSeed } from '../src/import/near-mpc-secrets.ts'
import { keepNearMpcKey, parseNearMpcKey, readNearMpcKey } from '../src/near-mpc-key.ts'
import { temporaryDirectory } from './support/home.ts'

const HEX = 'a5'.repeat(32)

test('AES key - should be 64 hex digits, and be refused without being quoted', (t) => {
  t.is(parseNearMpcKey(`${HEX}\n`, 'x').length, 32)
  for (const wrong of ['', HEX.slice(2), `${HEX}00`, `${HEX}\n\n`, ` ${HEX}`, HEX.replace('a', 'g')]) {
    const error = t.throws(() => parseNearMpcKey(wrong, 'the variable BACKUP_ENCRYPTION_KEY_HEX'), {
      code: 'NEAR_MPC_KEY_INVALID',
      message: /the variable BACKUP_ENCRYPTION_KEY_HEX: found \d+ characters/,
    })
    t.false(inspect(error).includes(HEX.slice(0, 20)))
  }
})

test('AES key - should be kept for its owner alone, again and again, and never be replaced', async (t) => {
  const file = join(await temporaryDirectory(t), 'near-mpc-key')
  const key = Buffer.from(HEX, 'hex')
  await keepNearMpcKey(file, key, 'x')
  await keepNearMpcKey(file, key, 'x')
  t.deepEqual(Buffer.from(await readNearMpcKey(file)), key)
  t.is((await stat(file)).mode & 0o777, 0o600)
  const other = await t.throwsAsync(keepNearMpcKey(file, Buffer.alloc(32), 'the environment'), {
    code: 'NEAR_MPC_KEY_DIFFERS',
    message: /holds another one than the environment/,
  })
  t.false(inspect(other).includes(HEX))
  t.is(await readFile(file, 'utf8'), `${HEX}\n`)
})

test("backup-cli's secrets.json - should give its TLS key's seed, or be refused by name without being quoted", async (t) => {
  const home = await temporaryDirectory(t)
  await t.throwsAsync(readNearMpcTlsSeed(home), { code: 'NEAR_MPC_HOME_INVALID', message: /secrets\.json \(ENOENT\)/ })
  const file = join(home, 'secrets.json')
  const seed = Array.from({ length: 32 }, (_, index) => 100 + index)
  const wrong = [
    '{',
    '[]',
    '{}',
    JSON.stringify({ p2p_private_key: seed.slice(1) }),
    '{"p2p_private_key":"ed25519:SENTINEL"}',
  ]
  for (const text of [...wrong, JSON.stringify({ p2p_private_key: [...seed.slice(1), 256] })]) {
    await writeFile(file, text)
    const error = await t.throwsAsync(readNearMpcTlsSeed(home), {
      code: 'NEAR_MPC_HOME_INVALID',
      message: /secrets\.json/,
    })
    t.false(/SENTINEL|101/.test(inspect(error)))
  }
  await writeFile(file, JSON.stringify({ p2p_private_key: seed, near_signer_key: seed, local_storage_aes_key: [] }))
  t.deepEqual([...(await readNearMpcTlsSeed(home))], seed)
})
