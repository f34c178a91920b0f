import { signMessage, type SignedMessage } from '@holdfast/node/control-client.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { verifiesAsPlainEd25519 } from './verify-signature.ts'

/**
 * Asks the running node of a home for a signature and verifies it apart from the signing code.
 * @throws HoldfastError `CHECK_FAILED` if it does not verify; the node's own refusal otherwise.
 */
export async function signAndVerify(home: string, domain: number, message: Uint8Array): Promise<SignedMessage> {
  const made = await signMessage(home, BigInt(domain), message)
  if (!verifiesAsPlainEd25519(made.publicKey, message, made.signature)) {
    throw new HoldfastError(
      'CHECK_FAILED',
      `the signature of domain ${domain} does not verify under ${made.publicKey}: do not use it; look at the node's log`,
    )
  }
  return made
}
