import { createCipheriv, randomBytes } from 'node:crypto'
import { link, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { temporaryDirectory } from './home.ts'

/** A file of near/mpc's storage: AES-128-GCM, nonce first, tag last. */
export function sealedForStorage(plaintext: string, key: Uint8Array): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** A home as near/mpc's backup-cli leaves it, modes included: `files` under permanent_keys, the last one linked as `key`. */
export async function backupCliHome(
  t: ExecutionContext,
  {
    files,
    aesKey,
    tlsSeed = randomBytes(32),
  }: { files: Record<string, Buffer>; aesKey: Uint8Array; tlsSeed?: Uint8Array },
): Promise<string> {
  const home = await temporaryDirectory(t)
  await mkdir(join(home, 'permanent_keys'))
  const secrets = {
    p2p_private_key: [...tlsSeed],
    near_signer_key: [...randomBytes(32)],
    local_storage_aes_key: [...aesKey],
  }
  await writeFile(join(home, 'secrets.json'), JSON.stringify(secrets), { mode: 0o644 })
  for (const [name, content] of Object.entries(files)) await writeFile(join(home, 'permanent_keys', name), content)
  const newest = Object.keys(files).at(-1)
  if (newest !== undefined) await link(join(home, 'permanent_keys', newest), join(home, 'key'))
  return home
}
