import { stat } from 'node:fs/promises'
import { attemptsInto } from '@holdfast/protocol/doctor/attempt.ts'
import { doubtful, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { createTlsIdentity, type TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { readConfig, type BackupConfig } from '../config.ts'
import { homePaths, inHome } from '../home-paths.ts'
import { readIdentity, type Identity } from '../identity.ts'
import { readNearMpcKey } from '../near-mpc-key.ts'
import type { OwnKey } from './explain-answer.ts'

export type HomeFacts = {
  findings: Finding[]
  config: BackupConfig | undefined
  identity: (Identity & { tls: TlsIdentity }) | undefined
  /** Those that could be read, as `mutualTlsNode` takes them. */
  nearMpcKeys: { nearMpcKey?: Uint8Array; newNodeKey?: Uint8Array }
  ownKey: OwnKey
}

const OTHERS = 0o077

/** What the home itself says: configuration, who may look in, keys. Changes nothing. */
export async function checkHome(home: string): Promise<HomeFacts> {
  const findings: Finding[] = []
  const attempt = attemptsInto(findings)
  const config = await attempt(
    'configuration',
    'mend config.json, or make a home with: holdfast backup init',
    () => readConfig(homePaths(home).config),
    ({ account_id, contract_id }) => `backup service of ${account_id} in the network of ${contract_id}`,
  )
  if (config === undefined) return { findings, config, identity: undefined, nearMpcKeys: {}, ownKey: 'session' }
  findings.push(await checkModes(home))
  const identity = await attempt(
    'keys',
    'put identity.json back with mode 0600; if it is lost, make a new home and register that',
    async () => {
      const seeds = await readIdentity(homePaths(home).identity)
      return { ...seeds, tls: createTlsIdentity(seeds.tlsSeed) }
    },
    ({ tls }) => `TLS key ${tls.publicKeyText}`,
  )
  const { near_mpc_key_file: file, near_mpc_new_node_key_file: newNodeFile } = config
  const keyIn = (check: string, path: string): Promise<Uint8Array | undefined> =>
    attempt(
      check,
      `then look again: holdfast backup doctor --home ${home}`,
      () => readNearMpcKey(inHome(home, path)),
      () => `${inHome(home, path)}: 64 hex digits`,
    )
  const nearMpcKey = file === undefined ? undefined : await keyIn('AES key file', file)
  const newNodeKey = newNodeFile === undefined ? undefined : await keyIn('AES key file of a new node', newNodeFile)
  const wanted = [file, newNodeFile].filter((path) => path !== undefined).length
  const keys = { ...(nearMpcKey !== undefined && { nearMpcKey }), ...(newNodeKey !== undefined && { newNodeKey }) }
  const read = Object.keys(keys).length
  const ownKey = wanted === 0 ? 'session' : read < wanted ? 'unreadable' : 'near-mpc'
  return { findings, config, identity, nearMpcKeys: keys, ownKey }
}

/** The config may hold API keys, the rest says what there is to steal. The secrets themselves are judged where they are read. */
async function checkModes(home: string): Promise<Finding> {
  const check = 'home is private'
  const exposed: string[] = []
  for (const path of [home, homePaths(home).config]) {
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && (found.mode & OTHERS) !== 0) exposed.push(path)
  }
  if (exposed.length === 0) return well(check, 'nobody else may look in')
  return wrong(check, `others than its owner may use ${exposed.join(' and ')}`, `chmod -R go= ${home}`)
}

/** Whether anybody is told when something happens. Nothing is sent. */
export function checkNotifications(home: string, { notifications = [] }: BackupConfig): Finding {
  const check = 'notifications'
  if (notifications.length > 0)
    return well(check, `${notifications.length} to be told; try them: holdfast backup test-alert --home ${home}`)
  return doubtful(
    check,
    'nobody is told of anything, not even of a restore that is not yours',
    'add notifications to config.json (backup-service/MONITORING.md)',
  )
}
