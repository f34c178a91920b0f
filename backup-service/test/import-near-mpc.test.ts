import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { chooseShares } from '../src/import/choose-shares.ts'
import { importNearMpc } from '../src/import/import-near-mpc.ts'
import { readNearMpcHome } from '../src/import/near-mpc-home.ts'
import type { Live } from '../src/upkeep/live.ts'
import { backupCliHome, sealedForStorage } from './support/backup-cli-home.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { repositoryOn } from './support/repository.ts'

/** near/mpc's own file and key, as its own code wrote them. */
const vector = JSON.parse(
  await readFile(new URL('../../tests/vectors/near-mpc-wire-storage.json', import.meta.url), 'utf8'),
) as { file_hex: string; key_hex: string; plaintext_text: string }
const keysetVector = JSON.parse(
  await readFile(new URL('../../tests/vectors/near-mpc-wire-keyshares.json', import.meta.url), 'utf8'),
) as { keyset_text: string }

const AES_KEY = randomBytes(16)
const dealt = dealKeyset({ domains: ['Secp256k1', 'Ed25519'] })
const live: Live = { keyset: dealt.keyset, participantId: 1 }

function sealed(plaintext: string, key: Uint8Array = AES_KEY): Buffer {
  return sealedForStorage(plaintext, key)
}

function permanent(epochId: bigint, shares: Keyshare[]): string {
  return `{"epoch_id":${epochId},"keyshares":${serializeKeyshares(shares)}}`
}

function nearMpcHome(
  t: ExecutionContext,
  files: Record<string, Buffer>,
  aesKey: Uint8Array = AES_KEY,
): Promise<string> {
  return backupCliHome(t, { files, aesKey })
}

const own = (): Record<string, Buffer> => ({
  epoch_4_with_1_domains: sealed(permanent(4n, dealKeyset({ epochId: 4n }).sharesOf(1))),
  epoch_5_with_2_domains: sealed(permanent(5n, dealt.sharesOf(1))),
})

test("a home with near/mpc's own recorded file - should be read, and its shares be those of the recorded keyset", async (t) => {
  const home = await nearMpcHome(
    t,
    { epoch_6_with_4_domains: Buffer.from(vector.file_hex, 'hex') },
    Buffer.from(vector.key_hex, 'hex'),
  )
  const read = await readNearMpcHome(home)
  t.is(read.found.length, 1)
  const { keyshares } = JSON.parse(vector.plaintext_text) as { keyshares: unknown[] }
  t.is((JSON.parse(read.found[0]?.keyshares ?? '[]') as unknown[]).length, keyshares.length)
  const keyset = parseKeyset(parseJson(keysetVector.keyset_text, 'the keyset'), 'the keyset')
  t.is(chooseShares(read, { keyset, participantId: 0 }).chosen.file, 'key')
})

test('a home with several epochs - should give the live one and refuse the others by name', async (t) => {
  const home = await nearMpcHome(t, own())
  const { chosen } = chooseShares(await readNearMpcHome(home), live)
  t.like(chosen, { file: 'key', epochId: 5n })
  await rm(join(home, 'key'))
  await link(join(home, 'permanent_keys', 'epoch_4_with_1_domains'), join(home, 'key'))
  const other = chooseShares(await readNearMpcHome(home), live)
  t.is(other.chosen.file, 'permanent_keys/epoch_5_with_2_domains')
  t.deepEqual(
    other.refused.map(({ file, code }) => [file, code]),
    [['key', 'KEYSHARE_WRONG_EPOCH']],
  )
})

test('a home whose key link a crash took - should still be imported', async (t) => {
  const home = await nearMpcHome(t, own())
  await rm(join(home, 'key'))
  const read = await readNearMpcHome(home)
  t.is(chooseShares(read, live).chosen.file, 'permanent_keys/epoch_5_with_2_domains')
  t.deepEqual(
    read.unreadable.map(({ file, code }) => [file, code]),
    [['key', 'NEAR_MPC_FILE_UNREADABLE']],
  )
})

test('a share from before there were domains - should be read as domain 0, attempt 0', async (t) => {
  const old = dealKeyset({ domains: ['Secp256k1'] })
  const [share] = old.sharesOf(1)
  const hex = (bytes: Uint8Array | undefined): string =>
    Buffer.from(bytes ?? [])
      .toString('hex')
      .toUpperCase()
  const legacy = stringifyJson({ epoch: 5, private_share: hex(share?.privateShare), public_key: hex(share?.publicKey) })
  const home = await nearMpcHome(t, { epoch_5: sealed(legacy) })
  t.is(chooseShares(await readNearMpcHome(home), { keyset: old.keyset, participantId: 1 }).chosen.file, 'key')
})

const refusal = test.macro<[Record<string, Buffer>, string, Live?]>(async (t, files, code, of = live) => {
  const read = await readNearMpcHome(await nearMpcHome(t, files))
  const error = t.throws(() => chooseShares(read, of), { code: 'NOTHING_TO_IMPORT' })
  t.true(error.message.includes(`(${code})`), error.message)
  for (const { privateShare } of dealt.sharesOf(1))
    t.false(error.message.includes(Buffer.from(privateShare).toString('hex').slice(0, 12)))
})
const one = (content: Buffer): Record<string, Buffer> => ({ epoch_5_with_2_domains: content })
const flipped = (): Buffer => {
  const content = sealed(permanent(5n, dealt.sharesOf(1)))
  content[40] = (content[40] ?? 0) ^ 1
  return content
}

test('a file of which a bit has changed - should be refused', refusal, one(flipped()), 'NEAR_MPC_FILE_UNDECRYPTABLE')
test(
  'a file that is cut off - should be refused',
  refusal,
  one(sealed(permanent(5n, dealt.sharesOf(1))).subarray(0, -9)),
  'NEAR_MPC_FILE_UNDECRYPTABLE',
)
test('a file of a few bytes - should be refused', refusal, one(Buffer.alloc(27)), 'NEAR_MPC_FILE_CUT')
test('an empty file - should be refused', refusal, one(Buffer.alloc(0)), 'NEAR_MPC_FILE_CUT')
test(
  'a file under another key - should be refused',
  refusal,
  one(sealed(permanent(5n, dealt.sharesOf(1)), randomBytes(16))),
  'NEAR_MPC_FILE_UNDECRYPTABLE',
)
test('a file that is no JSON - should be refused', refusal, one(sealed('{"epoch_id":5,')), 'INVALID_JSON')
test('a file of another form - should be refused', refusal, one(sealed('{"shares":[]}')), 'NEAR_MPC_FILE_INVALID')
test('an old form without its share - should be refused', refusal, one(sealed('{"epoch":5}')), 'NEAR_MPC_FILE_INVALID')
test(
  'a superseded epoch - should be refused',
  refusal,
  one(sealed(permanent(4n, dealKeyset({ epochId: 4n }).sharesOf(1)))),
  'KEYSHARE_WRONG_EPOCH',
)
test(
  'a superseded attempt under the live key - should be refused, for it reconstructs nothing',
  refusal,
  one(
    sealed(
      permanent(
        5n,
        dealt.sharesOf(1).map((share) => ({ ...share, attemptId: 7n })),
      ),
    ),
  ),
  'KEYSHARE_WRONG_ATTEMPT',
)
test(
  "another participant's shares - should be refused",
  refusal,
  one(sealed(permanent(5n, dealt.sharesOf(2)))),
  'KEYSHARE_NOT_ON_POLYNOMIAL',
)
test(
  'too few shares - should be refused',
  refusal,
  one(sealed(permanent(5n, dealt.sharesOf(1).slice(0, 1)))),
  'KEYSHARE_MISSING',
)
test('an empty set - should be refused', refusal, one(sealed(permanent(5n, []))), 'KEYSHARE_MISSING')
test('a home without any file - should be refused', refusal, {}, 'NEAR_MPC_FILE_UNREADABLE')

const badHome = test.macro<[(home: string) => Promise<void>, RegExp]>(async (t, spoil, message) => {
  const home = await nearMpcHome(t, own())
  await spoil(home)
  await t.throwsAsync(readNearMpcHome(home), { code: 'NEAR_MPC_HOME_INVALID', message })
})
test(
  'a directory without secrets.json - should be refused as no such home',
  badHome,
  (home) => rm(join(home, 'secrets.json')),
  /backup-cli/,
)
test(
  'a secrets.json that generate-keys cut off - should be refused',
  badHome,
  (home) => truncate(join(home, 'secrets.json'), 20),
  /not JSON/,
)
test(
  "a node's own secrets.json - should be refused: its keys are texts",
  badHome,
  (home) => writeFile(join(home, 'secrets.json'), '{"p2p_private_key":"ed25519:x","near_signer_key":"ed25519:y"}'),
  /16 integers/,
)

test(
  'a secrets.json with a field twice - should be refused, as near/mpc refuses it',
  badHome,
  (home) =>
    writeFile(
      join(home, 'secrets.json'),
      `{"local_storage_aes_key":[${Array(16).fill(1)}],"local_storage_aes_key":[${Array(16).fill(2)}]}`,
    ),
  /occurs twice/,
)
test(
  'a secrets.json that is a pipe - should be refused and not waited for',
  badHome,
  async (home) => {
    await rm(join(home, 'secrets.json'))
    execFileSync('mkfifo', [join(home, 'secrets.json')])
  },
  /no regular file/,
)

test('a pipe, a device and a directory among the files - should be named and hide no other', async (t) => {
  const home = await nearMpcHome(t, own())
  const pipe = join(home, 'key')
  await rm(pipe)
  execFileSync('mkfifo', [pipe])
  await symlink('/dev/zero', join(home, 'permanent_keys', 'epoch_9_with_1_domains'))
  await symlink('/', join(home, 'permanent_keys', 'epoch_8_with_1_domains'))
  const { chosen, refused } = chooseShares(await readNearMpcHome(home), live)
  t.is(chosen.file, 'permanent_keys/epoch_5_with_2_domains')
  for (const { code, reason } of refused)
    t.deepEqual([code, reason], ['NEAR_MPC_FILE_UNREADABLE', 'it cannot be read (it is no regular file)'])
  t.is(refused.length, 3)
})

test('an import - should prove, seal and keep the live shares, once, and leave the old home as it was', async (t) => {
  const from = await nearMpcHome(t, own())
  const files = new MemoryFiles()
  const repository = repositoryOn(files)
  const { signal } = new AbortController()
  const before = await readFile(join(from, 'key'))
  const { file, snapshot } = await importNearMpc(from, live, repository, signal)
  t.is(file, 'key')
  t.true(snapshot.provedGenuine)
  t.is((await repository.load(snapshot)).keyshares.length, 2)
  t.deepEqual(await readFile(join(from, 'key')), before)
  await t.throwsAsync(importNearMpc(from, live, repository, signal), { code: 'ALREADY_BACKED_UP' })
  await t.throwsAsync(importNearMpc(from, undefined, repository, signal), { code: 'NOTHING_TO_IMPORT' })
})
