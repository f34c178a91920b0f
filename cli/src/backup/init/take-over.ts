import { join } from 'node:path'
import { inHome } from '@holdfast/backup-service/home-paths.ts'
import { NEAR_MPC_SECRETS, readNearMpcTlsSeed } from '@holdfast/backup-service/import/near-mpc-secrets.ts'
import { NEAR_MPC_KEY_VARIABLE, parseNearMpcKey, readNearMpcKey } from '@holdfast/backup-service/near-mpc-key.ts'
import type { Network } from '@holdfast/backup-service/network/port.ts'
import type { InitOptions } from './options.ts'

/** Where the AES key is kept that came from the environment; relative to the home. */
const OWN_KEY_FILE = 'near-mpc-key'

/** The TLS key of backup-cli's home, where that is to be taken over. @throws HoldfastError `NEAR_MPC_HOME_INVALID` */
export async function adoptedTlsKey({ adopt }: Pick<InitOptions, 'adopt'>) {
  if (adopt === undefined) return undefined
  return { tlsSeed: await readNearMpcTlsSeed(adopt), source: join(adopt, NEAR_MPC_SECRETS) }
}

/** The AES key shared with a near/mpc node: the file that the config names, and what is still to be written into it. */
export type NearMpcKey = { file: string | undefined; content: Uint8Array | undefined }

/**
 * Finds the AES key: in the file that is named; else in backup-cli's variable of the environment, which is taken out of it so
 * that no child process inherits it. On near/mpc's network a file of the home is named in any case, for the operator to write.
 * @throws HoldfastError `NEAR_MPC_KEY_INVALID`, `SECRET_FILE_*`; none quotes the key
 */
export async function nearMpcKeyOf(
  { home, nearMpcKeyFile, adopt }: Pick<InitOptions, 'home' | 'nearMpcKeyFile' | 'adopt'>,
  network: Network['kind'] | undefined,
): Promise<NearMpcKey> {
  if (nearMpcKeyFile !== undefined) {
    await readNearMpcKey(inHome(home, nearMpcKeyFile))
    return { file: nearMpcKeyFile, content: undefined }
  }
  const isNearMpc = network === 'near-mpc' || (network === undefined && adopt !== undefined)
  if (!isNearMpc) return { file: undefined, content: undefined }
  const text = process.env[NEAR_MPC_KEY_VARIABLE]
  delete process.env[NEAR_MPC_KEY_VARIABLE]
  if (text === undefined || text === '') return { file: OWN_KEY_FILE, content: undefined }
  return { file: OWN_KEY_FILE, content: parseNearMpcKey(text, `the environment variable ${NEAR_MPC_KEY_VARIABLE}`) }
}
