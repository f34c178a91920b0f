import { HoldfastError } from './errors.ts'

/** A call or view that the contract refused. `contractCode` is from its panic `CODE: sentence`; null if it has none. */
export class ContractRefusedError extends HoldfastError<'CONTRACT_REFUSED'> {
  readonly contractCode: string | null
  readonly sentence: string

  constructor(method: string, contractCode: string | null, sentence: string) {
    super(
      'CONTRACT_REFUSED',
      `the contract refused ${method}: ${contractCode === null ? '' : `${contractCode}: `}${sentence}`,
    )
    this.contractCode = contractCode
    this.sentence = sentence
  }
}

/** nearcore's words around a panic: of a transaction, and of a view (where the text is a quoted Rust string). */
const OF_TRANSACTION = /^Smart contract panicked: ([^]*)$/
const OF_VIEW = /GuestPanic \{ panic_msg: "([^]*)" \}/
const CODE = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): ([^]*)$/

/** The refusal that an execution error's text tells of, or undefined if the contract did not panic. */
export function contractPanic(text: string, method: string): ContractRefusedError | undefined {
  const panic = OF_TRANSACTION.exec(text)?.[1] ?? unquote(OF_VIEW.exec(text)?.[1])
  if (panic === undefined) return undefined
  // near-sdk-js appends a JavaScript stack, one line per frame.
  const message = panic.split(/\n\s+at /)[0]?.trim() ?? ''
  const [, code = null, sentence = message] = CODE.exec(message) ?? []
  return new ContractRefusedError(method, code, sentence.slice(0, 1000))
}

function unquote(text: string | undefined): string | undefined {
  return text?.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
