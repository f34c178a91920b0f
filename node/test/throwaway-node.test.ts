import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { CURVE_FACTS } from '@holdfast/protocol/curves.ts'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { provesPossession } from '@holdfast/protocol/possession-proof.ts'
import { publicShare } from '@holdfast/protocol/public-share.ts'
import { sharesChannelKey } from '@holdfast/protocol/tls-channel.ts'
import { openThrowawayNode } from '../src/drill/throwaway-node.ts'
import { connectTls, exchange, newIdentity, putRequest, type Reply } from './support/backup-client.ts'
import { keysetOf, knownKey, shareOf } from './support/shares.ts'

const KEYS = [knownKey(0), knownKey(1)]
const KEYSET = keysetOf(KEYS)
const SUBJECT = { challenge: '5a'.repeat(32), contractId: 'mpc.near', accountId: 'alice.near' }

async function opened(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-throwaway-'))
  const client = newIdentity()
  const node = await openThrowawayNode({
    directory,
    keyset: KEYSET,
    participantId: 2,
    clientTlsKey: client.publicKeyText,
  })
  t.teardown(async () => {
    node.close()
    await rm(directory, { recursive: true })
  })
  const put = async (participantId: number): Promise<Reply> => {
    const socket = await connectTls('127.0.0.1', node.port, client, node.tlsPublicKey)
    const text = serializeKeyshares(KEYS.map((key) => shareOf(key, participantId)))
    try {
      return await exchange(socket, putRequest(encryptKeyshares(text, sharesChannelKey(socket))))
    } finally {
      socket.destroy()
    }
  }
  return { directory, node, put }
}

test('a throwaway node - should take proved shares, and prove from its disk that it holds them', async (t) => {
  const { node, put } = await opened(t)
  t.is((await put(2)).status, 200)
  const proofs = await node.possession(SUBJECT)
  for (const [index, domain] of KEYSET.domains.entries()) {
    const statement = {
      ...SUBJECT,
      participantId: 2,
      epochId: KEYSET.epoch_id,
      domainId: domain.domain_id,
      attemptId: domain.attempt,
      curve: 'Ed25519' as const,
    }
    const y = publicShare(domain, domain.commitments ?? [], 2, CURVE_FACTS.Ed25519)
    t.true(provesPossession(statement, y, proofs[index] ?? { c: '', r: '' }))
  }
})

test("another participant's shares - should be refused as a real node refuses them", async (t) => {
  const { node, put } = await opened(t)
  const answer = await put(1)
  t.is(answer.status, 422)
  t.regex(answer.body, /KEYSHARE_NOT_ON_POLYNOMIAL/)
  await t.throwsAsync(() => node.possession(SUBJECT), { code: 'DRILL_SHARES_MISSING' })
})

test('a share file that the disk damaged - should not be proved from memory', async (t) => {
  const { directory, node, put } = await opened(t)
  t.is((await put(2)).status, 200)
  t.true((await readdir(join(directory, 'shares'))).includes('permanent.json'))
  await truncate(join(directory, 'shares', 'permanent.json'), 40)
  await t.throwsAsync(() => node.possession(SUBJECT), { code: 'SHARES_DAMAGED' })
})
