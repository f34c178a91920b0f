import { randomBytes } from 'node:crypto'
import { signMessage, type SignedMessage } from '@holdfast/node/control-client.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { presentMachine, type Operator } from '../devnet/operator.ts'
import { waitUntil } from '../devnet/wait-until.ts'
import { verifiesAsPlainEd25519 } from '../verify-signature.ts'
import type { SignatureTime } from './events.ts'
import type { Story } from './story.ts'

const DEADLINE_MS = 60_000

/** Has the network sign a fresh message with every key, through one operator's node, and checks each signature. */
export async function sign(
  devnet: Devnet,
  story: Story,
  when: SignatureTime,
  through: Operator | undefined,
): Promise<void> {
  if (through === undefined) throw new TypeError('no operator to sign through')
  const signers = await story.step(`sign with every key, by ${through.name}`, async (note) => {
    const all = new Set<string>()
    for (const domain of Object.keys(story.publicKeys).map(Number)) {
      note(`key ${domain}`)
      const message = freshMessage(when, domain)
      const made = await firstSignature(devnet, through, domain, message)
      record(story, when, domain, message, made)
      for (const account of made.signers) all.add(account.split('.')[0] as string)
    }
    return { value: all, detail: `signers: ${[...all].join(', ')}` }
  })
  story.check(
    `${when}: ${through.name}'s node signed with every key, and each signature verifies`,
    signers.has(through.name) && everyKeySigned(story, when),
  )
}

/** Asks a node until it signs: right after a start it first has to meet its peers. */
export async function firstSignature(
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

/** True if each of the contract's keys, as read at the start, has a signature of that time that verifies. */
export function everyKeySigned(story: Story, when: SignatureTime): boolean {
  return Object.entries(story.publicKeys).every(([domain, key]) =>
    story.signatures.some(
      (each) =>
        each.when === when &&
        each.domain === Number(domain) &&
        verifiesAsPlainEd25519(key, Buffer.from(each.message, 'hex'), Buffer.from(each.signature, 'hex')),
    ),
  )
}
