import { sleep } from '@holdfast/protocol/poll.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { registrationOf, type Registration } from './registration.ts'

/** What a look at the chain gave, told with every look. */
export type Look = { kind: 'seen'; registration: Registration } | { kind: 'trouble'; error: unknown }

export type AwaitRegistrationOptions = {
  reader: Pick<ReadContract, 'readView'>
  accountId: string
  tlsKey: Ed25519KeyText
  /** Between two looks, in milliseconds. */
  everyMs: number
  onLook: (look: Look) => void
  signal: AbortSignal
}

/**
 * Looks at the chain until a quorum's view names this TLS key as the account's backup service. A look that fails is told
 * and another one made: nothing but `signal` ends the wait early.
 * @throws only the signal's reason
 */
export async function awaitRegistration(options: AwaitRegistrationOptions): Promise<void> {
  const { reader, accountId, tlsKey, everyMs, onLook, signal } = options
  for (;;) {
    const look = await reader.readView(signal).then(
      (view): Look => ({ kind: 'seen', registration: registrationOf(view, accountId, tlsKey) }),
      (error: unknown): Look => {
        signal.throwIfAborted()
        return { kind: 'trouble', error }
      },
    )
    onLook(look)
    if (look.kind === 'seen' && look.registration.kind === 'registered') return
    await sleep(everyMs, signal)
  }
}
