import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { base58 } from '@scure/base'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import type { Operator } from '@holdfast/cli/devnet/operator.ts'

/** The operator's full-access key as a file in NEAR's credentials format. */
export async function keyFileOf(devnet: Devnet, operator: Operator): Promise<{ file: string; secret: string }> {
  const raw = base58.decode(operator.publicKey.slice('ed25519:'.length))
  const secret = `ed25519:${base58.encode(Buffer.concat([operator.seed, raw]))}`
  const file = join(devnet.directory, `${operator.name}.json`)
  const content = { account_id: operator.accountId, public_key: operator.publicKey, private_key: secret }
  await writeFile(file, JSON.stringify(content), { mode: 0o600 })
  return { file, secret }
}
