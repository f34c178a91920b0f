import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { BackupConfig } from '../../src/config.ts'
import { initBackupService } from '../../src/init-backup-service.ts'
import { configOf, temporaryDirectory } from './home.ts'
import { RECORDED_AES_KEY_HEX, RECORDED_KEYSET, recordedAnswer } from './near-mpc-exchanges.ts'
import { startNodeServer, type Answer, type NodeServer } from './node-server.ts'
import { startRpcStub, type RpcStub } from './rpc-stub.ts'
import { nearMpcRunning } from './near-mpc-vectors.ts'
import { ALICE } from './views.ts'

/** A home on near/mpc's network: two endpoints tell of its contract, and a node answers with near/mpc's recorded bytes. */
export type DoctorSetting = {
  home: string
  rpc: RpcStub
  node: NodeServer
  tlsKey: Ed25519KeyText
  /** Shows a contract in which alice's node is at this url, this key is registered for her, and this move is under way. */
  show(contract?: {
    url?: string
    nodeKey?: Ed25519KeyText
    account?: string
    registered?: Ed25519KeyText | null
    /** The record of a pending migration. */
    migration?: Json
  }): void
}

export const HOLDS_THEM = 'GET origin form with Host'

export async function doctorSetting(
  t: ExecutionContext,
  options: { answer?: Answer; aesKey?: string | null; config?: Partial<BackupConfig> } = {},
): Promise<DoctorSetting> {
  const { answer = (_, socket) => void socket.write(recordedAnswer(HOLDS_THEM)), aesKey = RECORDED_AES_KEY_HEX } =
    options
  const home = await temporaryDirectory(t)
  const node = await startNodeServer(answer)
  t.teardown(() => node.close())
  const rpc = await startRpcStub(2)
  t.teardown(() => rpc.close())
  rpc.view('version', '3.14.1')
  if (aesKey !== null) await writeFile(join(home, 'aes'), aesKey, { mode: 0o600 })
  const config = configOf({
    rpc_urls: rpc.urls,
    rpc_quorum: 2,
    keyshares_port: node.address.port,
    ...(aesKey !== null && { near_mpc_key_file: 'aes' }),
    ...options.config,
  })
  const { tlsPublicKey: tlsKey } = await initBackupService({ home, config })
  const show: DoctorSetting['show'] = ({ url = 'http://127.0.0.1:3000', account = ALICE, ...rest } = {}) => {
    const { nodeKey = node.address.tlsPublicKey, registered = tlsKey, migration = null } = rest
    rpc.show(
      nearMpcRunning(RECORDED_KEYSET, [[account, 0, { url, tls_public_key: nodeKey }]]),
      registered === null ? {} : { [account]: [{ public_key: registered }, migration] },
    )
  }
  show()
  return { home, rpc, node, tlsKey, show }
}
