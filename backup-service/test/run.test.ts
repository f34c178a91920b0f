import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { backupStatus, type BackupStatus } from '../src/backup-status.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { runBackupService } from '../src/run-backup-service.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { configOf, temporaryDirectory, until } from './support/home.ts'
import { httpAnswer, startNodeServer, type NodeServer } from './support/node-server.ts'
import { startRpcStub, type RpcStub } from './support/rpc-stub.ts'
import { ALICE, recordJson, runningJson } from './support/views.ts'

type Setting = {
  home: string
  rpc: RpcStub
  node: NodeServer
  /** Texts that the node was given, decrypted. */
  given: string[]
  lines: string[]
  registered: Json
  status(): Promise<BackupStatus | undefined>
  stop(): Promise<void>
}

const dealt = dealKeyset()
const shares = dealt.sharesOf(0)
const sharesText = serializeKeyshares(shares)

/** A backup service in this process on a home of its own, with a node over real TLS and a chain of `endpoints` endpoints. */
async function start(t: ExecutionContext, endpoints = 1, quorum = 1): Promise<Setting> {
  const home = await temporaryDirectory(t)
  const given: string[] = []
  const node = await startNodeServer((request, socket, channelKey) => {
    if (request.method === 'GET') socket.write(httpAnswer('200 OK', encryptKeyshares(sharesText, channelKey)))
    else {
      given.push(decryptKeyshares(request.body, channelKey))
      socket.write(httpAnswer('200 OK', 'kept'))
    }
  })
  const rpc = await startRpcStub(endpoints)
  const config = configOf({ rpc_urls: rpc.urls, rpc_quorum: quorum, keyshares_port: node.address.port })
  const { tlsPublicKey } = await initBackupService({ home, config })
  const lines: string[] = []
  const stopping = new AbortController()
  const log = createLogger({ name: 'test', level: 'trace', stream: { write: (line: string) => void lines.push(line) } })
  const ended = runBackupService({ home, signal: stopping.signal, log })
  const stop = async (): Promise<void> => {
    stopping.abort()
    await ended
  }
  t.teardown(async () => {
    await stop()
    await node.close()
    await rpc.close()
  })
  const status = (): Promise<BackupStatus | undefined> => backupStatus(home).catch(() => undefined)
  return { home, rpc, node, given, lines, registered: { [ALICE]: [{ public_key: tlsPublicKey }, null] }, status, stop }
}

function running({ node }: Setting, keyset: Json = dealt.json): Json {
  const tlsKey = node.address.tlsPublicKey
  return { Running: runningJson(keyset, [{ accountId: ALICE, participantId: 0, tlsKey }]) }
}

function recovering({ node }: Setting): Json {
  return {
    Recovery: {
      previous_running_state: runningJson(dealt.json),
      recovering: { [ALICE]: recordJson({ tlsKey: node.address.tlsPublicKey, expiresInMs: 10 ** 12 }) },
    },
  }
}

test('service - should back up a new keyset, and give it back to a recovering node', async (t) => {
  const setting = await start(t)
  setting.rpc.show(running(setting), setting.registered)
  const safe = await until(async () => {
    const status = await setting.status()
    return status?.level === 'healthy' && status
  })
  t.true(safe.covered)
  t.is(safe.last_backup?.epoch_id, 5n)
  t.true(safe.last_backup?.proved_genuine)
  setting.rpc.show(recovering(setting), setting.registered)
  await until(() => setting.given.length > 0)
  t.deepEqual(setting.given[0], sharesText)
  await setting.stop()
  const everything = [...setting.lines, await readFile(join(setting.home, 'status.json'), 'utf8')].join('\n')
  for (const { privateShare } of shares) t.false(everything.includes(Buffer.from(privateShare).toString('hex')))
  t.false(everything.includes('SENTINEL-API-KEY'))
  t.deepEqual((await readdir(join(setting.home, 'repository'))).length, 2)
})
