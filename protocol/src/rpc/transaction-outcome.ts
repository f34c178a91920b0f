import { contractPanic } from '../contract-panic.ts'
import { HoldfastError } from '../errors.ts'
import { parseJson, stringifyJson, type Json } from '../json.ts'
import type { CallOutcome } from './ports.ts'
import { isObject, RpcError } from './rpc-error.ts'

/**
 * What an executed transaction came to, from the node's answer to `send_tx` or `tx`. `what` names it in errors.
 * @throws ContractRefusedError on a panic, HoldfastError `TRANSACTION_FAILED` on any other failure; undefined if the
 * answer says that it is not executed yet.
 */
export function transactionOutcome(answer: Json, transactionHash: string, what: string): CallOutcome | undefined {
  const status = isObject(answer) ? answer.status : undefined
  if (!isObject(answer) || !isObject(status)) return undefined
  if (status.Failure !== undefined) throw failure(status.Failure, what)
  if (typeof status.SuccessValue !== 'string') return undefined
  const outcomes = [
    answer.transaction_outcome,
    ...(Array.isArray(answer.receipts_outcome) ? answer.receipts_outcome : []),
  ]
    .map((item) => (isObject(item) ? item.outcome : undefined))
    .filter(isObject)
  return {
    transactionHash,
    returned: returnedJson(status.SuccessValue),
    logs: outcomes.flatMap(({ logs }) => (Array.isArray(logs) ? logs.map(String) : [])),
    gasBurntTgas: outcomes.reduce((sum, { gas_burnt }) => sum + Number(gas_burnt ?? 0), 0) / 1e12,
  }
}

function returnedJson(base64: string): Json {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  if (text === '') return null
  try {
    return parseJson(text, 'the returned value')
  } catch {
    // Not every contract returns JSON; ours does.
    return text
  }
}

function failure(reason: Json, what: string): HoldfastError {
  const text = executionError(reason)
  return (
    (text === undefined ? undefined : contractPanic(text, what)) ??
    new HoldfastError('TRANSACTION_FAILED', `${what} failed on chain: ${(text ?? stringifyJson(reason)).slice(0, 500)}`)
  )
}

/** ActionError > kind > FunctionCallError > ExecutionError, the text that carries a panic. */
function executionError(reason: Json): string | undefined {
  let at: Json | undefined = reason
  for (const name of ['ActionError', 'kind', 'FunctionCallError', 'ExecutionError'])
    at = isObject(at) ? at[name] : undefined
  return typeof at === 'string' ? at : undefined
}

/** Why a node did not take a transaction in (nearcore's InvalidTxError), or undefined if the error says no such thing. */
export type Rejection =
  /** Its nonce is used up, its block too old or on a fork: this transaction can never be executed any more. */
  { kind: 'outdated' } | { kind: 'refused'; error: HoldfastError }

/** Reads an InvalidTxError. `signer` is `account (key)`, for the sentence. */
export function rejectionOf(error: unknown, what: string, signer: string): Rejection | undefined {
  if (!(error instanceof RpcError) || error.causeName !== 'INVALID_TRANSACTION') return undefined
  const execution = isObject(error.data) ? error.data.TxExecutionError : undefined
  const invalid = isObject(execution) ? (execution.InvalidTxError ?? null) : null
  const kind = variantOf(invalid)
  if (kind === 'InvalidNonce' || kind === 'Expired' || kind === 'InvalidChain') return { kind: 'outdated' }
  if (kind === 'InvalidAccessKeyError') return { kind: 'refused', error: accessKeyError(invalid, what, signer) }
  if (kind === 'SignerDoesNotExist') {
    return refused('ACCESS_KEY_MISSING', `cannot send ${what}: the account of ${signer} does not exist on this network`)
  }
  if (kind === 'NotEnoughBalance' || kind === 'LackBalanceForState') {
    return refused(
      'NOT_ENOUGH_BALANCE',
      `cannot send ${what}: ${signer} has too little NEAR: ${stringifyJson(invalid)}`,
    )
  }
  return refused('TRANSACTION_REFUSED', `cannot send ${what} as ${signer}: ${stringifyJson(invalid).slice(0, 300)}`)
}

function accessKeyError(invalid: Json, what: string, signer: string): HoldfastError {
  const detail = isObject(invalid) ? (invalid.InvalidAccessKeyError ?? null) : null
  switch (variantOf(detail)) {
    case 'AccessKeyNotFound':
      return accessKeyMissing(what, signer)
    case 'NotEnoughAllowance':
      return new HoldfastError(
        'NOT_ENOUGH_BALANCE',
        `cannot send ${what}: the allowance of ${signer} is used up; the operator must replace the access key`,
      )
    default:
      return new HoldfastError(
        'ACCESS_KEY_NOT_ALLOWED',
        `cannot send ${what}: ${signer} may not do this (${stringifyJson(detail).slice(0, 200)}); ` +
          'a function-call key is for one contract and its listed methods and can attach no deposit',
      )
  }
}

/** HoldfastError `ACCESS_KEY_MISSING`. `signer` is `account (key)`. */
export function accessKeyMissing(what: string, signer: string): HoldfastError {
  return new HoldfastError(
    'ACCESS_KEY_MISSING',
    `cannot send ${what}: ${signer} is not an access key of that account; sign with a key that the account has, ` +
      'or have the operator add this one',
  )
}

function refused(code: string, message: string): Rejection {
  return { kind: 'refused', error: new HoldfastError(code, message) }
}

/** The variant name of an externally tagged value. */
function variantOf(json: Json): string | undefined {
  return typeof json === 'string' ? json : isObject(json) ? Object.keys(json)[0] : undefined
}
