import { HoldfastError } from '@holdfast/protocol/errors.ts'

const LONGEST_CODE = 60
const LONGEST_SENTENCE = 300

/** A peer's answer that it will not do what it was asked, with its own code and sentence: short, and of one line. */
export class PeerRefusal extends HoldfastError<'PEER_REFUSED'> {
  readonly refusal: string
  readonly sentence: string

  constructor(accountId: string, code: string, message: string) {
    const [refusal, sentence] = [plain(code, LONGEST_CODE), plain(message, LONGEST_SENTENCE)]
    super('PEER_REFUSED', `${accountId} refused (${refusal}): ${sentence}`)
    this.refusal = refusal
    this.sentence = sentence
  }
}

/** It ends in logs and on a terminal, and a peer may write what it likes. */
function plain(text: string, longest: number): string {
  return text.slice(0, longest).replaceAll(/\p{C}/gu, ' ')
}
