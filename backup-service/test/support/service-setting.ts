import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { backupStatus, type BackupStatus } from '../../src/backup-status.ts'
import type { BackupConfig } from '../../src/config.ts'
import { initBackupService } from '../../src/init-backup-service.ts'
import { runBackupService } from '../../src/run-backup-service.ts'
import { dealKeyset } from './dealt-keyset.ts'
import { configOf, temporaryDirectory, until } from './home.ts'
import { httpAnswer, startNodeServer, type Answer, type NodeServer } from './node-server.ts'
import { startRpcStub, type RpcStub } from './rpc-stub.ts'
import { ALICE, recordJson, runningJson } from './views.ts'

export const dealt = dealKeyset()
export const shares = dealt.sharesOf(0)
export const sharesText = serializeKeyshares(shares)

/** A backup service in this process on a home of its own, with a node over real TLS and a chain of stub endpoints. */
export type Setting = {
  home: string
  rpc: RpcStub
  node: NodeServer
  /** Texts that the node was given, decrypted. */
  given: string[]
  lines: string[]
  /** `migration_info` that names this service. */
  registered: Json
  /** The Running state in which the node is alice's. */
  running(keyset?: Json): Json
  /** The Recovery state in which alice's new node is the one that listens. */
  recovering(): Json
  statusWhere(holds: (status: BackupStatus) => boolean): Promise<BackupStatus>
  stop(): Promise<void>
  /** The same home, once more. */
  restart(): Promise<void>
}

export type SettingOptions = {
  endpoints?: number
  quorum?: number
  onGet?: Answer
  /** More of the config. */
  config?: Partial<BackupConfig>
  /** The AES key shared with a near/mpc node, 64 hex digits. */
  nearMpcKeyHex?: string
}

const giveShares: Answer = (_, socket, channelKey) =>
  void socket.write(httpAnswer('200 OK', encryptKeyshares(sharesText, channelKey)))

export async function startService(t: ExecutionContext, options: SettingOptions = {}): Promise<Setting> {
  const { endpoints = 1, quorum = 1, onGet = giveShares, nearMpcKeyHex } = options
  const home = await temporaryDirectory(t)
  const given: string[] = []
  const node = await startNodeServer((request, socket, channelKey, tcp) => {
    if (request.method === 'GET') return onGet(request, socket, channelKey, tcp)
    given.push(decryptKeyshares(request.body, channelKey))
    socket.write(httpAnswer('200 OK', 'Keyshares received.'))
  })
  const rpc = await startRpcStub(endpoints)
  const nearMpc = nearMpcKeyHex === undefined ? {} : { near_mpc_key_file: 'near-mpc-key' }
  if (nearMpcKeyHex !== undefined) await writeFile(join(home, 'near-mpc-key'), `${nearMpcKeyHex}\n`, { mode: 0o600 })
  const config = configOf({
    rpc_urls: rpc.urls,
    rpc_quorum: quorum,
    keyshares_port: node.address.port,
    ...nearMpc,
    ...options.config,
  })
  const { tlsPublicKey } = await initBackupService({ home, config })
  const lines: string[] = []
  const log = createLogger({ name: 'test', level: 'trace', stream: { write: (line: string) => void lines.push(line) } })
  const run = (): { stopping: AbortController; ended: Promise<void> } => {
    const stopping = new AbortController()
    return { stopping, ended: runBackupService({ home, signal: stopping.signal, log }) }
  }
  let service = run()
  const stop = async (): Promise<void> => {
    service.stopping.abort()
    await service.ended
  }
  t.teardown(async () => {
    try {
      await stop()
    } finally {
      await node.close()
      await rpc.close()
    }
  })
  const tlsKey = node.address.tlsPublicKey
  return {
    home,
    rpc,
    node,
    given,
    lines,
    registered: { [ALICE]: [{ public_key: tlsPublicKey }, null] },
    running: (keyset = dealt.json) => ({
      Running: runningJson(keyset, [{ accountId: ALICE, participantId: 0, tlsKey }]),
    }),
    recovering: () => ({
      Recovery: {
        previous_running_state: runningJson(dealt.json),
        recovering: { [ALICE]: recordJson({ tlsKey, expiresInMs: 10 ** 12 }) },
      },
    }),
    statusWhere: (holds) =>
      until(async () => {
        const status = await backupStatus(home).catch(() => undefined)
        return status !== undefined && holds(status) && status
      }),
    stop,
    async restart() {
      await stop()
      service = run()
    },
  }
}
