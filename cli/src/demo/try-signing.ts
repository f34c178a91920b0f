import { signMessage } from '@holdfast/node/control-client.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { presentMachine } from '../devnet/operator.ts'
import { freshMessage } from './sign.ts'
import type { SignatureTime } from './events.ts'
import type { Story } from './story.ts'

/** Asks every operator's node for a signature with every key, expecting that none comes. */
export async function trySigning(devnet: Devnet, story: Story, when: SignatureTime | 'all down'): Promise<void> {
  const domains = Object.keys(story.publicKeys).map(Number)
  const answers = await story.step('try to sign all the same', async () => {
    const value = await Promise.all(
      devnet.operators.flatMap((operator) =>
        domains.map((domain) =>
          signMessage(presentMachine(operator).home, BigInt(domain), freshMessage(when, domain)).then(
            () => undefined,
            (error: unknown) => (isHoldfastError(error) ? error.code : errorMessage(error)),
          ),
        ),
      ),
    )
    const refused = value.filter((refusal) => refusal !== undefined)
    return { value, detail: `${refused.length} of ${value.length} tries fail: ${[...new Set(refused)].join(', ')}` }
  })
  story.check(
    `${when}: no node can sign with any key`,
    answers.every((refusal) => refusal !== undefined),
  )
}
