import { join } from 'node:path'
import { attemptsInto } from '@holdfast/protocol/doctor/attempt.ts'
import { checkRoom } from '@holdfast/protocol/doctor/check-room.ts'
import { failed, well, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { readNodeConfig, type NodeConfig } from '../config/config.ts'
import { readIdentity, type NodeIdentity } from '../identity/identity.ts'
import { refuseTombstone } from '../identity/life.ts'
import { refuseExposedHome } from '../storage/home-lock.ts'
import { openShareDirectory, type ShareDirectory } from '../storage/share-directory.ts'

export type HomeFacts = { findings: Finding[]; config: NodeConfig | undefined; identity: NodeIdentity | undefined }

/** What the disk says: configuration, keys, tombstone, room. Changes nothing. */
export async function checkHome(home: string): Promise<HomeFacts> {
  const findings: Finding[] = []
  const attempt = attemptsInto(findings)
  const config = await attempt(
    'configuration',
    'mend config.json, or make a home with holdfast node init',
    () => readNodeConfig(home),
    ({ account_id, contract_id }) => `node of ${account_id} in the network of ${contract_id}`,
  )
  await attempt(
    'home is private',
    `chmod 700 ${home}`,
    () => refuseExposedHome(home),
    () => 'nobody else may look in',
  )
  const identity = await attempt(
    'keys',
    'put identity.json back with mode 0600; if it is lost, make a new home and let the node recover',
    () => readIdentity(home),
    ({ tls }) => `TLS key ${tls.publicKeyText}`,
  )
  await attempt(
    'tombstone',
    'see what it says',
    () => refuseTombstone(home),
    () => 'none: this node was not replaced',
  )
  findings.push(await checkRoom(home))
  return { findings, config, identity }
}

/** Which shares are on disk. A damaged file is named and left alone. */
export async function checkShares(home: string): Promise<Finding> {
  const check = 'shares on disk'
  try {
    const directory: ShareDirectory = await openShareDirectory(join(home, 'shares'), () =>
      Promise.reject(new Error('the doctor writes nothing')),
    )
    const set = await directory.readPermanent()
    if (set === undefined) return well(check, 'none yet')
    const domains = set.shares.map(({ share }) => String(share.domainId)).join(', ')
    return well(check, `epoch ${set.epochId}, domain ${domains}`)
  } catch (error) {
    return failed(check, error, 'check the disk; a node with damaged shares needs a new home and a recovery')
  }
}
