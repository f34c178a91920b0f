import { randomBytes } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { ExecutionContext } from 'ava'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { signMessage } from '@holdfast/node/control-client.ts'

/**
 * Has an operator's present node sign a fresh message with every key, as soon as it can, and asserts that each signature
 * verifies under the given group keys, with another library than the one that the demo checks with.
 */
export async function assertSigns(
  t: ExecutionContext,
  devnet: Devnet,
  operator: Operator,
  keys: Record<string, string>,
): Promise<void> {
  const { home, name } = presentMachine(operator)
  t.true(Object.keys(keys).length > 0)
  for (const [domain, key] of Object.entries(keys)) {
    const message = randomBytes(24)
    const made = await waitUntil(
      `a signature with key ${domain} by ${name}`,
      () => signMessage(home, BigInt(domain), message),
      { deadlineMs: 60_000, signal: devnet.signal },
    )
    t.true(verifies(key, message, made.signature), `key ${domain}, by ${name}`)
    t.true(made.signers.includes(operator.accountId), `${name} is among the signers`)
  }
}

/** Strict RFC 8032 verification (no ZIP-215 leniency). */
export function verifies(groupKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, message, parseEd25519Key(groupKey), { zip215: false })
}
