import { armor, Decrypter, Encrypter } from 'age-encryption'
import type { PassphraseReply, PassphraseRequest } from './adapters/passphrase-process.ts'

/** The process that opens or makes one age file with a passphrase, answers, and ends. */
process.once('message', (request: PassphraseRequest) => {
  void perform(request)
    .catch((): PassphraseReply => ({ kind: 'wrong' }))
    .then((reply) => process.send?.(reply, () => process.disconnect()))
})
process.once('disconnect', () => process.exit())

async function perform({ kind, content, passphrase }: PassphraseRequest): Promise<PassphraseReply> {
  switch (kind) {
    case 'seal': {
      const encrypter = new Encrypter()
      encrypter.setPassphrase(passphrase)
      return { kind: 'done', content: await encrypter.encrypt(content) }
    }
    case 'open': {
      const decrypter = new Decrypter()
      decrypter.addPassphrase(passphrase)
      return { kind: 'done', content: await decrypter.decrypt(withoutArmor(content)) }
    }
    default:
      kind satisfies never
      throw new TypeError('unknown request')
  }
}

/** `age -p -a` writes text. */
function withoutArmor(content: Uint8Array): Uint8Array {
  const text = Buffer.from(content).toString('latin1')
  return text.startsWith('-----BEGIN AGE ENCRYPTED FILE-----') ? armor.decode(text) : content
}
