import { readFileSync } from 'node:fs'
import test from 'ava'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { decryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { parseKeyshares, serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { mutualTlsNode } from '../src/adapters/mutual-tls-node.ts'
import { startService } from './support/service-setting.ts'
import { NODE_IDENTITY, SERVICE_IDENTITY, startNodeServer, type NodeServer } from './support/node-server.ts'

type Recorded = {
  case: string
  decrypted_domains?: number[] | null
  request: { text?: string }
  response: { text: string; status_line: string } | null
}

const vectors = new URL('../../tests/vectors/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, vectors), 'utf8')
const recorded = JSON.parse(read('near-mpc-wire-http-server.json')) as { aes_key_hex: string; exchanges: Recorded[] }
const keyset = parseJson(
  (JSON.parse(read('near-mpc-wire-keyshares.json')) as { keyset_text: string }).keyset_text,
  'keyset',
)
const sharesText = (
  JSON.parse(read('near-mpc-wire-keyshares.json')) as { keyshares_text_by_participant: Record<string, string> }
).keyshares_text_by_participant['0']
const nearMpcKey = Buffer.from(recorded.aes_key_hex, 'hex')
const sentShares = sharesText ?? ''
const signal = new AbortController().signal

/** A server that answers every request with near/mpc's recorded bytes. */
async function replaying({ response }: Recorded): Promise<NodeServer> {
  return startNodeServer((_, socket) => {
    if (response === null) socket.end()
    else socket.write(response.text)
  }, NODE_IDENTITY)
}

const node = mutualTlsNode({ identity: SERVICE_IDENTITY, nearMpcKey, deadlineMs: 5_000 })
const answers = recorded.exchanges.filter((exchange) => (exchange.response?.text.match(/HTTP\/1/g) ?? []).length === 1)
const gets = answers.filter((exchange) => exchange.case.startsWith('GET'))
const puts = answers.filter((exchange) => exchange.case.startsWith('PUT'))

test('near/mpc node - should be read in each of its recorded answers to a GET', async (t) => {
  t.true(gets.length > 20)
  for (const exchange of gets) {
    const server = await replaying(exchange)
    try {
      if (!exchange.decrypted_domains) {
        const refused = !exchange.response?.status_line.includes('200')
        if (exchange.case === 'GET hello' || !refused) continue
        const code = 'NODE_REFUSED'
        await t.throwsAsync(node.fetchShares(server.address, keyset, signal), { code }, exchange.case)
      } else {
        const shares = parseKeyshares(await node.fetchShares(server.address, keyset, signal), 'the answer')
        t.deepEqual(
          shares.map(({ domainId }) => Number(domainId)),
          exchange.decrypted_domains,
          exchange.case,
        )
      }
    } finally {
      await server.close()
    }
  }
})

test("near/mpc node - should give shares that prove genuine, a BLS one against the group key's", async (t) => {
  const exchange = gets.find((found) => found.case === 'GET origin form with Host')
  t.truthy(exchange)
  const server = await replaying(exchange as Recorded)
  const shares = parseKeyshares(await node.fetchShares(server.address, keyset, signal), 'the answer')
  await server.close()
  const verdicts = proveKeyshares(shares, parseKeyset(keyset, 'keyset'), 0)
  t.is(verdicts.length, 4)
  t.true(serializeKeyshares(shares) === sentShares)
})

function codeOf({ response }: Recorded): string {
  if (response?.text.includes('receiver channel is closed') === true) return 'DESTINATION_NEEDS_RESTART'
  return response?.text.includes('Invalid Json or encryption') === true ? 'DESTINATION_OTHER_KEY' : 'NODE_REFUSED'
}

test('near/mpc node - should be taken at its word in each of its recorded answers to a PUT', async (t) => {
  t.true(puts.length > 10)
  const shares = parseKeyshares(sentShares, 'the vector')
  for (const exchange of puts) {
    const server = await replaying(exchange)
    try {
      const put = node.deliverShares(server.address, shares, signal)
      if (exchange.response?.status_line.includes('200')) await t.notThrowsAsync(put, exchange.case)
      else await t.throwsAsync(put, { code: codeOf(exchange) }, exchange.case)
    } finally {
      await server.close()
    }
  }
})

test("near/mpc node - should get requests that its recorded server's reader takes", async (t) => {
  const [get] = gets.filter((found) => found.case === 'GET origin form with Host')
  const server = await replaying(get as Recorded)
  const shares = parseKeyshares(await node.fetchShares(server.address, keyset, signal), 'the answer')
  await node.deliverShares(server.address, shares, signal)
  await server.close()
  const [asked, given] = server.requests
  t.is(asked?.method, 'GET')
  t.is(asked?.target, '/get_keyshares')
  t.is(asked?.headers.get('host'), `127.0.0.1:${server.address.port}`)
  t.is(asked?.headers.get('content-length'), String(Buffer.byteLength(asked?.body ?? '')))
  t.is(asked?.headers.get('transfer-encoding'), undefined)
  t.is(asked?.body, stringifyJson(keyset as Json))
  t.is(given?.method, 'PUT')
  t.is(given?.target, '/set_keyshares')
  t.true(decryptKeyshares(given?.body ?? '', nearMpcKey) === sentShares)
})

test('near/mpc node - should not be believed when its shares were encrypted with another key', async (t) => {
  const server = await replaying(gets.find((found) => found.case === 'GET origin form with Host') as Recorded)
  const other = mutualTlsNode({ identity: SERVICE_IDENTITY, nearMpcKey: new Uint8Array(32) })
  await t.throwsAsync(other.fetchShares(server.address, keyset, signal), { code: 'KEYSHARES_UNDECRYPTABLE' })
  const holdfast = mutualTlsNode({ identity: SERVICE_IDENTITY })
  await t.throwsAsync(holdfast.fetchShares(server.address, keyset, signal), { code: 'KEYSHARES_UNDECRYPTABLE' })
  await server.close()
})

test("near/mpc node - should be backed up by a service that has its key, as far as its contract's keyset can prove", async (t) => {
  const whole = gets.find((found) => found.case === 'GET origin form with Host')?.response?.text ?? ''
  const setting = await startService(t, {
    nearMpcKeyHex: recorded.aes_key_hex,
    onGet: (_, socket) => void socket.write(whole),
  })
  setting.rpc.show(setting.running(keyset), setting.registered)
  const status = await setting.statusWhere(({ covered }) => covered)
  t.like(status.last_backup, { epoch_id: 6n, proved_genuine: false })
  t.is(status.level, 'healthy')
  t.regex(status.summary, /matches the group key; not provable on this network/)
  t.notRegex(status.summary, /verified|genuine/)
})

test('near/mpc node - should be named as one with another key by a service that has none', async (t) => {
  const whole = gets.find((found) => found.case === 'GET origin form with Host')?.response?.text ?? ''
  const setting = await startService(t, { onGet: (_, socket) => void socket.write(whole) })
  setting.rpc.show(setting.running(keyset), setting.registered)
  const status = await setting.statusWhere(({ last_error }) => last_error !== null)
  t.is(status.last_error?.code, 'KEYSHARES_UNDECRYPTABLE')
  t.regex(status.to_do ?? '', /near\/mpc/)
})
