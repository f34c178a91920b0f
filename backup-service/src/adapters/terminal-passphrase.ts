import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/**
 * Asks on the terminal, without showing what is typed.
 * @throws HoldfastError `PASSPHRASE_MISSING` where there is no terminal, or nothing is typed
 */
export async function askOnTerminal(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new HoldfastError(
      'PASSPHRASE_MISSING',
      'cannot ask for the passphrase: there is no terminal here, as under a supervisor; have it come from a file of mode 0600 ' +
        '(with systemd: LoadCredential) or from the environment: age_identity.passphrase in the config',
    )
  }
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    const { promise, resolve } = Promise.withResolvers<string>()
    lines.once('line', resolve)
    lines.once('close', () => resolve(''))
    const line = await promise
    if (line !== '') return line
    throw new HoldfastError('PASSPHRASE_MISSING', 'no passphrase was typed; start again')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
