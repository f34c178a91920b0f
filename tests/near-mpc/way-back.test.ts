import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serializeContent } from '@holdfast/backup-service/repository/snapshot-content.ts'
import { freePorts } from '@holdfast/cli/devnet/address-block.ts'
import { newKey } from '@holdfast/cli/devnet/new-account.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { dealKeyset } from '../../backup-service/test/support/dealt-keyset.ts'
import { temporaryDirectory } from '../../backup-service/test/support/home.ts'
import { pageCommands, runCommands } from '../support/page-commands.ts'
import { peersTest } from './support/live-test.ts'
import { newBackupCli } from './support/near-mpc-client.ts'
import { startPeerNode } from './support/peer-node.ts'

const HOST = '127.0.0.1'

/** The last commands of docs/near-mpc.md. Fails if near/mpc's backup-cli cannot read the file, or its node not import the shares. */
peersTest(
  'docs/near-mpc.md - should end in a home from which backup-cli restores a near/mpc node',
  async (t, programs) => {
    const directory = await temporaryDirectory(t)
    const ended = new AbortController()
    const { json, keyset, sharesOf } = dealKeyset({
      domains: ['Secp256k1', 'Ed25519', 'Bls12381', 'Secp256k1'],
      attempt: 2n ** 63n + 1n,
      commitments: false,
    })
    const owner = { accountId: 'op.near', contractId: 'v1.signer' }
    const content = serializeContent(owner, { keyset, participantId: 1, keyshares: sharesOf(1) })
    await writeFile(join(directory, 'shares.json'), content, { mode: 0o600 })
    const client = await newBackupCli(programs, join(directory, 'backup-cli'))
    const commands = (await pageCommands('near-mpc.md')).split('--to copy\n')[1] ?? ''
    const env = { BACKUP_HOME_DIR: client.home }
    const { code, complaint } = await runCommands(directory, commands, { env, limitMs: 60_000 })
    t.is(code, 0, complaint)

    const [key, aesKey, port] = [newKey(), randomBytes(32), await freePorts(1)]
    const keysetFile = join(directory, 'keyset.json')
    await writeFile(keysetFile, stringifyJson(json))
    const node = await startPeerNode({
      program: programs.peerNode,
      address: HOST,
      port,
      tlsSeed: key.seed,
      aesKey,
      home: join(directory, 'node'),
      keysetFile,
      logFile: join(directory, 'node.log'),
      signal: ended.signal,
    })
    t.teardown(() => node.kill())
    node.rekey(client.publicKey)
    await node.waitFor('REKEYED')
    const machine = { address: HOST, tlsKey: key.publicKey }
    const put = await client.put({ machine, port, aesKeyHex: aesKey.toString('hex') })
    t.is(put.code, 0, put.output)
    t.is((await node.waitFor('IMPORT')).text, 'IMPORTED 4')
  },
)
