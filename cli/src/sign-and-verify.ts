import { signMessage, type SignedMessage } from '@holdfast/node/control-client.ts'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { verifiesAsPlainEd25519 } from './verify-signature.ts'

const ASK_AGAIN_MS = 1_000

/**
 * Asks the running node of a home for a signature and verifies it apart from the signing code. Where too few operators
 * agree, or too few nodes are there, it asks again for `waitSeconds`.
 * @throws HoldfastError `CHECK_FAILED` if it does not verify; the node's own refusal otherwise.
 */
export async function signAndVerify(
  home: string,
  domain: number,
  message: Uint8Array,
  waitSeconds: number,
): Promise<SignedMessage> {
  const made = await firstSignature(home, domain, message, Date.now() + waitSeconds * 1000)
  if (!verifiesAsPlainEd25519(made.publicKey, message, made.signature)) {
    throw new HoldfastError(
      'CHECK_FAILED',
      `the signature of domain ${domain} does not verify under ${made.publicKey}: do not use it; look at the node's log`,
    )
  }
  return made
}

async function firstSignature(
  home: string,
  domain: number,
  message: Uint8Array,
  untilMs: number,
): Promise<SignedMessage> {
  for (;;) {
    try {
      return await signMessage(home, BigInt(domain), message)
    } catch (error) {
      const mayComeYet = isHoldfastError(error, 'SIGNING_DECLINED') || isHoldfastError(error, 'TOO_FEW_SIGNERS')
      if (!mayComeYet || Date.now() >= untilMs) throw error
      await sleep(ASK_AGAIN_MS)
    }
  }
}
