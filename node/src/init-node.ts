import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { parseNodeConfig, writeNodeConfig, type NodeConfig } from './config/config.ts'
import { createIdentity, IDENTITY_FILE } from './identity/identity.ts'
import { refuseExposedHome } from './storage/home-lock.ts'

/** What the operator authorises on the contract. */
export type NodeKeys = { tlsPublicKey: Ed25519KeyText; signerPublicKey: Ed25519KeyText }

/**
 * Makes a node's home: the directory (0700), its configuration and new keys (0600). The keys come last, so that an
 * interrupted init can be run again.
 * @throws HoldfastError `CONFIG_INVALID`; `HOME_EXPOSED` where the directory was there and is open to others;
 *   `SECRET_FILE_EXISTS` where the home has keys already, which are left alone
 */
export async function initNode({ home, config }: { home: string; config: NodeConfig }): Promise<NodeKeys> {
  const checked = parseNodeConfig(config, 'the configuration')
  await makeDirectory(home)
  await refuseExposedHome(home)
  await refuseExistingKeys(home)
  await writeNodeConfig(home, checked)
  const { tls, signerKey } = await createIdentity(home)
  return { tlsPublicKey: tls.publicKeyText, signerPublicKey: signerKey }
}

async function refuseExistingKeys(home: string): Promise<void> {
  const path = join(home, IDENTITY_FILE)
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists)
    throw new HoldfastError(
      'SECRET_FILE_EXISTS',
      `refusing to initialise ${home}: it has keys in ${path}; use them, or choose another home`,
    )
}
