import type { ExecutionContext } from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import { dealKeyset, type DealOptions, type DealtKeyset } from './dealt-keyset.ts'
import { NearMpcNode } from './near-mpc-node.ts'
import { nearMpcRunning } from './near-mpc-vectors.ts'
import { startService, type Setting, type SettingOptions } from './service-setting.ts'
import { ALICE, key } from './views.ts'

const AES_KEY = Buffer.alloc(32, 5)

/** near/mpc's network with a backup service beside alice's node, and a second node of hers on another machine. */
export type NearMpcSetting = Setting & {
  dealt: DealtKeyset
  old: NearMpcNode
  fresh: NearMpcNode
  /** Running, with this node alice's, and this one the destination of her migration. */
  showRunning(options?: { of?: NearMpcNode; to?: NearMpcNode | undefined; keyset?: Json }): void
  /** Another server on the destination's machine, once the one that is there was closed. */
  open(options?: { seed?: number; aesKey?: Uint8Array }): Promise<NearMpcNode>
}

export const NEW_NODE_SEED = 82

export async function startNearMpc(
  t: ExecutionContext,
  options: SettingOptions & Pick<DealOptions, 'epochId' | 'attempt'> = {},
): Promise<NearMpcSetting> {
  const { epochId = 5n, attempt = 0n } = options
  // A curve for each of near/mpc's protocols; nothing that this network says proves a share.
  const domains = ['Secp256k1', 'Ed25519', 'Bls12381', 'Secp256k1'] as const
  const dealt = dealKeyset({ epochId, attempt, domains, commitments: false })
  const old = await NearMpcNode.start({ aesKey: AES_KEY, seed: 81, held: dealt.sharesOf(0) })
  const { port } = old.address
  const open: NearMpcSetting['open'] = async ({ seed = NEW_NODE_SEED, aesKey = AES_KEY } = {}) => {
    const node = await NearMpcNode.start({ aesKey, seed, host: '127.0.0.2', port })
    nodes.push(node)
    return node
  }
  const nodes = [old]
  const setting = await startService(t, {
    ...options,
    nearMpcKeyHex: AES_KEY.toString('hex'),
    config: { ...options.config, keyshares_port: port },
  })
  t.teardown(async () => {
    for (const node of nodes) await node.close().catch(() => undefined)
  })
  setting.rpc.view('version', '3.14.1')
  const fresh = await open()
  const plain = withoutCommitments(dealt.json)
  return {
    ...setting,
    dealt,
    old,
    fresh,
    open,
    showRunning({ of = old, to, keyset = plain } = {}) {
      const info = { url: urlOf(of), tls_public_key: of.address.tlsPublicKey }
      const [backupService] = (setting.registered as Record<string, Json[]>)[ALICE] ?? []
      const migration = to && {
        signer_account_pk: key(7),
        destination_node_info: { url: urlOf(to), tls_public_key: to.address.tlsPublicKey },
      }
      setting.rpc.show(nearMpcRunning(keyset, [[ALICE, 0, info]]), {
        [ALICE]: [backupService ?? null, migration ?? null],
      })
    },
  }
}

function urlOf({ address }: NearMpcNode): string {
  return `http://${address.host}:24567`
}

/** As near/mpc's contract writes it, which knows no such field. */
function withoutCommitments(keyset: Json): Json {
  const { epoch_id = null, domains } = keyset as Record<string, Json>
  const bare = (domains as Record<string, Json>[]).map(({ domain_id = null, key = null, attempt = null }) => ({
    domain_id,
    key,
    attempt,
  }))
  return { epoch_id, domains: bare }
}
