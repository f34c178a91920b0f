import type { ExecutionContext } from 'ava'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { fromHex, readVectors } from '../../protocol/test/support/vectors.ts'
import { testAgainstDifferences, type WireCase } from '../../tests/support/wire-differences.ts'
import { exchange, putRequest } from './support/backup-client.ts'
import { AES_KEY, AWAITING, openRecordedNode, type RecordedNode } from './support/recorded-node.ts'

/** Bodies and what near/mpc's reader made of them, before any look at the keyset. */
const bodies = readVectors<{
  reader: { case: string; accepted: boolean; body_text: string; plaintext_text: string | null }[]
  reader_key_hex: string
}>('near-mpc-wire-aes-gcm.json')
/** Shares and what the import of an empty near/mpc node made of them, against the keyset of the recorded key generation. */
const storage = readVectors<{
  import_backup: { case: string; accepted: boolean; keyshares_text: string }[]
  same_set_again: string
}>('near-mpc-wire-storage.json')

testAgainstDifferences(
  'Bodies of key shares',
  bodies.reader.map(({ case: name, accepted, body_text, plaintext_text }): WireCase => {
    return {
      name,
      theirs: accepted ? 'taken' : 'refused',
      ours: async (t) => {
        const domains = plaintext_text?.includes('"domain_id":0') === true ? [0n, 1n] : [1n]
        const node = await awaiting(t, domains, fromHex(bodies.reader_key_hex))
        return put(t, node, body_text)
      },
    }
  }),
)

const imports = storage.import_backup.map(({ case: name, accepted, keyshares_text }): WireCase => {
  return {
    name,
    theirs: accepted ? 'taken' : 'refused',
    ours: async (t) => put(t, await awaiting(t), encryptKeyshares(keyshares_text, AES_KEY)),
  }
})
const again: WireCase = {
  name: 'the same set again',
  theirs: storage.same_set_again.startsWith('Refusing') ? 'refused' : 'taken',
  async ours(t) {
    const node = await awaiting(t)
    const body = encryptKeyshares(storage.import_backup[0]?.keyshares_text ?? '', AES_KEY)
    t.is(await put(t, node, body), 'taken')
    return put(t, node, body)
  },
}
testAgainstDifferences('Imports into an empty node', [...imports, again])

function awaiting(t: ExecutionContext, only?: bigint[], aesKey?: Uint8Array): Promise<RecordedNode> {
  const domains = AWAITING.keyset.domains.filter(({ domain_id }) => only?.includes(domain_id) ?? true)
  const keyset: Keyset = { ...AWAITING.keyset, domains }
  return openRecordedNode(t, { ...AWAITING, keyset }, { ...(aesKey !== undefined && { aesKey }) })
}

/** Puts a body; a 200 must mean that the whole keyset is on disk, anything else that nothing is. */
async function put(t: ExecutionContext, node: RecordedNode, body: string): Promise<string> {
  const socket = await node.connect()
  const { status } = await exchange(socket, putRequest(body))
  socket.destroy()
  if (status === 200) {
    t.true(node.store.all().length > 0)
    return 'taken'
  }
  t.true(status === 400 || status === 422, `${status} for a fault of the client`)
  t.deepEqual(node.store.all(), [])
  return 'refused'
}
