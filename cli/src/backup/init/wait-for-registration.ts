import { printable } from '@holdfast/protocol/printable.ts'
import { awaitRegistration, type Look } from '@holdfast/backup-service/registration/await-registration.ts'
import { describeRegistration } from '@holdfast/backup-service/registration/registration.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { createLiveLine } from '../../terminal/live-line.ts'

const LOOK_MS = 1_000

export type RegistrationToAwait = {
  home: string
  reader: ReadContract
  accountId: string
  contractId: string
  tlsKey: Ed25519KeyText
  signal: AbortSignal
}

/**
 * Waits until the contract names this service, saying on stderr what it shows instead: every change once, and on a terminal
 * a live line.
 * @throws the signal's reason, having said how to go on
 */
export async function waitForRegistration(wanted: RegistrationToAwait): Promise<void> {
  const { home, accountId, contractId } = wanted
  const line = createLiveLine(process.stderr)
  let said = ''
  const onLook = (look: Look): void => {
    const text =
      look.kind === 'trouble'
        ? errorMessage(look.error)
        : describeRegistration(look.registration, accountId, contractId)
    if (text !== said) {
      line.clear()
      process.stderr.write(`${printable(text)}\n`)
      said = text
    }
    line.show('registration', 'waiting until the contract names this service')
  }
  try {
    await awaitRegistration({ ...wanted, everyMs: LOOK_MS, onLook })
  } catch (error) {
    line.clear()
    process.stderr.write(
      `Not registered yet. The home ${home} is made and stays. Once the command above has been run:\n` +
        `  holdfast backup doctor --home ${home}\n  holdfast backup run --home ${home}\n`,
    )
    throw error
  } finally {
    line.clear()
  }
}
