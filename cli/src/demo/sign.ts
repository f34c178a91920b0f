import { randomBytes } from 'node:crypto'
import { signMessage, type SignedMessage } from '@holdfast/node/control-client.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { presentMachine, type Operator } from '../devnet/operator.ts'
import { waitUntil } from '../devnet/wait-until.ts'
import { verifiesAsPlainEd25519 } from '../verify-signature.ts'
import type { SignatureTime } from './events.ts'
import type { Story } from './story.ts'

const DEADLINE_MS = 60_000

/**
 * Has the network sign a fresh message with every key, through each of these operators' nodes, and checks that every
 * signature verifies and that the node asked is among its signers.
 */
export async function sign(
  devnet: Devnet,
  story: Story,
  when: SignatureTime,
  through: readonly Operator[],
): Promise<void> {
  const names = through.length === devnet.operators.length ? 'each node' : through.map(({ name }) => name).join(', ')
  const tookPart = await story.step(`sign with every key, by ${names}`, async (note) => {
    const signers = new Set<string>()
    let value = true
    for (const operator of through) {
      for (const domain of Object.keys(story.publicKeys).map(Number)) {
        note(`${operator.name}, key ${domain}`)
        const message = freshMessage(when, domain)
        const made = await firstSignature(devnet, operator, domain, message)
        record(story, when, domain, message, made)
        value &&= made.signers.includes(operator.accountId)
        for (const account of made.signers) signers.add(account.split('.')[0] as string)
      }
    }
    return { value, detail: `signers: ${[...signers].join(' ')}` }
  })
  story.check(`${when}: ${names} signed with every key, the signatures verify`, tookPart && everyKeySigned(story, when))
}

/** Asks a node until it signs: right after a start it first has to meet its peers. */
async function firstSignature(
  devnet: Devnet,
  operator: Operator,
  domain: number,
  message: Uint8Array,
): Promise<SignedMessage> {
  const { home, name } = presentMachine(operator)
  const ask = () => signMessage(home, BigInt(domain), message)
  return waitUntil(`a signature by ${name}`, ask, { deadlineMs: DEADLINE_MS, signal: devnet.signal, everyMs: 40 })
}

export function freshMessage(when: string, domain: number): Uint8Array {
  return Buffer.from(`Holdfast demo, ${when}, key ${domain}, ${randomBytes(8).toString('hex')}`)
}

export function record(
  story: Story,
  when: SignatureTime,
  domain: number,
  message: Uint8Array,
  made: SignedMessage,
): void {
  const signature = Buffer.from(made.signature).toString('hex')
  story.signed({ domain, message: Buffer.from(message).toString('hex'), signature, when })
}

/** True if every key has a signature of that time, and all of them verify under the keys read at the start. */
function everyKeySigned(story: Story, when: SignatureTime): boolean {
  const made = story.signatures.filter((each) => each.when === when)
  return (
    Object.keys(story.publicKeys).every((domain) => made.some((each) => each.domain === Number(domain))) &&
    made.every(({ domain, message, signature }) =>
      verifiesAsPlainEd25519(
        story.publicKeys[String(domain)] ?? '',
        Buffer.from(message, 'hex'),
        Buffer.from(signature, 'hex'),
      ),
    )
  )
}
