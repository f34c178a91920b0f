import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { readNearMpcHome } from '@holdfast/backup-service/import/near-mpc-home.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { temporaryDirectory } from '../backup-service/test/support/home.ts'
import {
  RECORDED_AES_KEY_HEX,
  RECORDED_KEYSET,
  recordedAnswer,
} from '../backup-service/test/support/near-mpc-exchanges.ts'
import { nearMpcRunning } from '../backup-service/test/support/near-mpc-vectors.ts'
import { startNodeServer } from '../backup-service/test/support/node-server.ts'
import { startRpcStub } from '../backup-service/test/support/rpc-stub.ts'
import { pageCommands, runCommands } from './support/page-commands.ts'

const OPERATOR = 'op.near'
const SEED = new Uint8Array(32).fill(17)

type StorageVector = { file_hex: string; key_hex: string; plaintext_text: string }

/**
 * Runs docs/near-mpc.md as an operator would: near/mpc's recorded contract behind two endpoints, its recorded node, and a
 * backup-cli home with a file that near/mpc's own code wrote. Fails if a command fails, or if anything would have to be
 * registered anew, or if the way back does not end in a file that backup-cli can read.
 */
test('docs/near-mpc.md - should be true, command by command', async (t) => {
  const directory = await temporaryDirectory(t)
  const vector = JSON.parse(
    await readFile(join(import.meta.dirname, 'vectors', 'near-mpc-wire-storage.json'), 'utf8'),
  ) as StorageVector
  const home = await backupCliHome(directory, vector)
  const node = await startNodeServer((_, socket) => void socket.write(recordedAnswer('GET origin form with Host')))
  t.teardown(() => node.close())
  const rpc = await startRpcStub(2, 'mainnet')
  t.teardown(() => rpc.close())
  rpc.view('version', '3.14.1')
  const info = { url: 'http://127.0.0.1:3000', tls_public_key: node.address.tlsPublicKey }
  rpc.show(nearMpcRunning(RECORDED_KEYSET, [[OPERATOR, 0, info]]), {
    [OPERATOR]: [{ public_key: createTlsIdentity(SEED).publicKeyText }, null],
  })
  // What the way back begins with: docs/restore-by-hand.md ends in it, and has a test of its own.
  await writeFile(join(directory, 'shares.json'), vector.plaintext_text, { mode: 0o600 })

  const [first = '', second = ''] = rpc.urls
  const commands = (await pageCommands('near-mpc.md'))
    .replaceAll('https://rpc.example.org', first)
    .replaceAll('https://near.example.net', second)
    .replaceAll('8079', String(node.address.port))
  const { code, said, complaint } = await runCommands(directory, commands, {
    env: { BACKUP_HOME_DIR: home, BACKUP_ENCRYPTION_KEY_HEX: RECORDED_AES_KEY_HEX },
    limitMs: 150_000,
  })
  t.is(code, 0, `${said}\n${complaint}`)
  t.notRegex(said, /register_backup_service/, 'an adopted key is registered already')
  t.regex(said, /Took over 4 shares of epoch 6 from the file \S+\/(key|permanent_keys\/\S+), as epoch-6-/)
  t.regex(said, /near-mpc 3\.14\.1/)
  t.regex(said, /matches the group key; not provable on this network/)
  const { found } = await readNearMpcHome(home)
  t.deepEqual(
    found.map(({ file }) => file),
    ['key', 'permanent_keys/epoch_6_with_4_domains'],
    'the sealed file is another one than the one that was there',
  )
  t.is(found[0]?.keyshares, found[1]?.keyshares)
})

/** A home as backup-cli leaves it, with near/mpc's recorded file. */
async function backupCliHome(directory: string, { file_hex, key_hex }: StorageVector): Promise<string> {
  const home = join(directory, 'backup-cli')
  const file = Buffer.from(file_hex, 'hex')
  await mkdir(join(home, 'permanent_keys'), { recursive: true })
  await writeFile(join(home, 'permanent_keys', 'epoch_6_with_4_domains'), file)
  await writeFile(join(home, 'key'), file)
  const secrets = {
    p2p_private_key: [...SEED],
    near_signer_key: [...SEED],
    local_storage_aes_key: [...Buffer.from(key_hex, 'hex')],
  }
  await writeFile(join(home, 'secrets.json'), JSON.stringify(secrets))
  return home
}
