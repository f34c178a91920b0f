import { fork } from 'node:child_process'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { compileCache } from '../compile-cache.ts'

export type PassphraseRequest = { kind: 'open' | 'seal'; content: Uint8Array; passphrase: string }
export type PassphraseReply = { kind: 'done'; content: Uint8Array } | { kind: 'wrong' }

const MAIN = new URL('../passphrase-main.ts', import.meta.url)

/**
 * Opens an age file that a passphrase protects, in a process of its own: scrypt takes a quarter of a gigabyte, which the
 * service would not get rid of.
 * @throws HoldfastError `PASSPHRASE_WRONG`
 */
export async function openWithPassphrase(sealed: Uint8Array, passphrase: string, file: string): Promise<string> {
  const reply = await ask({ kind: 'open', content: sealed, passphrase })
  if (reply?.kind === 'done') return Buffer.from(reply.content).toString('utf8')
  throw new HoldfastError(
    'PASSPHRASE_WRONG',
    `cannot open ${file}: the passphrase is wrong, or the file is damaged or not one that \`age -p\` makes`,
  )
}

/** Makes the age file that a passphrase opens. */
export async function sealWithPassphrase(text: string, passphrase: string): Promise<Uint8Array> {
  const reply = await ask({ kind: 'seal', content: Buffer.from(text), passphrase })
  if (reply?.kind === 'done') return reply.content
  throw new HoldfastError('PASSPHRASE_WRONG', 'cannot protect the age identity: the process that does it broke down')
}

async function ask(request: PassphraseRequest): Promise<PassphraseReply | undefined> {
  const child = fork(MAIN, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...compileCache() },
  })
  const { promise, resolve, reject } = Promise.withResolvers<PassphraseReply | undefined>()
  child.once('message', (reply) => resolve(reply as PassphraseReply))
  child.on('error', reject)
  child.once('disconnect', () => resolve(undefined))
  child.send(request)
  return promise
}
