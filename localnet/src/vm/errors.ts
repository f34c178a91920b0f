import { VM_LIMITS } from './parameters.ts'

const U64_MAX = 2n ** 64n - 1n

/**
 * Why a contract call stopped. `text` is what a transaction's outcome shows (`ExecutionError`), `debug` what a view's
 * `error` field shows: the node prints the one with Rust's Display and the other with Debug.
 */
export type VmFailure =
  | { readonly kind: 'execution'; readonly text: string; readonly debug: string }
  | { readonly kind: 'method_not_found' }
  | { readonly kind: 'method_empty_name' }
  | { readonly kind: 'method_invalid_signature' }
  | { readonly kind: 'code_does_not_exist'; readonly accountId: string }
  /** `problem` is nearcore's name for it, such as `Deserialization`. */
  | { readonly kind: 'prepare'; readonly problem: string }
  | { readonly kind: 'link'; readonly message: string }

/** Thrown by a host function to end the call; never leaves the VM. */
export class HostError extends Error {
  readonly failure: VmFailure
  constructor(text: string, debug: string) {
    super(text)
    this.name = 'HostError'
    this.failure = { kind: 'execution', text, debug: `HostError(${debug})` }
  }
}

/** Rust's Debug form of a string: what the node's view errors quote. */
export const debugString = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\0', '\\0')
    .replace(/[\u0001-\u001f\u007f-\u009f]/g, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`)}"`

export const guestPanic = (message: string): HostError =>
  new HostError(`Smart contract panicked: ${message}`, `GuestPanic { panic_msg: ${debugString(message)} }`)

export const prohibitedInView = (method: string): HostError =>
  new HostError(`${method} is not allowed in view calls`, `ProhibitedInView { method_name: ${debugString(method)} }`)

export const integerOverflow = (): HostError => new HostError('Integer overflow.', 'IntegerOverflow')
export const gasExceeded = (): HostError => new HostError('Exceeded the prepaid gas.', 'GasExceeded')
export const gasLimitExceeded = (): HostError =>
  new HostError('Exceeded the maximum amount of gas allowed to burn per contract.', 'GasLimitExceeded')
export const balanceExceeded = (): HostError => new HostError('Exceeded the account balance.', 'BalanceExceeded')
export const memoryAccessViolation = (): HostError =>
  new HostError('Accessed memory outside the bounds.', 'MemoryAccessViolation')
export const invalidRegister = (id: bigint): HostError =>
  new HostError(`Accessed invalid register id: ${id}`, `InvalidRegisterId { register_id: ${id} }`)
export const badUtf8 = (): HostError => new HostError('String encoding is bad UTF-8 sequence.', 'BadUTF8')
export const badUtf16 = (): HostError => new HostError('String encoding is bad UTF-16 sequence.', 'BadUTF16')
export const invalidPromiseIndex = (index: bigint): HostError =>
  new HostError(`${index} does not correspond to existing promises`, `InvalidPromiseIndex { promise_idx: ${index} }`)
export const emptyMethodName = (): HostError => new HostError('Tried to call an empty method name.', 'EmptyMethodName')
export const invalidAccountId = (): HostError =>
  new HostError('VM Logic returned an invalid account id', 'InvalidAccountId')
export const invalidPublicKey = (): HostError =>
  new HostError('VM Logic provided an invalid public key', 'InvalidPublicKey')

/** A text of so many bytes where the logs have room for `room`. */
export const logTooLong = (bytes: number | bigint, room: number): HostError => {
  const limit = VM_LIMITS.maxTotalLogLength
  const total = BigInt(limit - room) + BigInt(bytes)
  const length = total < U64_MAX ? total : U64_MAX
  return limitExceeded(
    'TotalLogLengthExceeded',
    `The length of a log message ${length} exceeds the limit ${limit}`,
    length,
    limit,
  )
}

/** A limit that is not gas: `what` is the node's variant, e.g. `KeyLengthExceeded`. */
export const limitExceeded = (what: string, text: string, length: number | bigint, limit: number): HostError =>
  new HostError(text, `${what} { length: ${length}, limit: ${limit} }`)
