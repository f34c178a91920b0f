import { BorshError } from '../../primitives/borsh-reader.ts'
import { meets, progressOf, STATUSES, type TransactionStatus } from '../../chain/transaction-status.ts'
import { decodeSignedTransaction, type SignedTransaction } from '../../transaction/decode.ts'
import { argumentError, handlerError } from '../errors.ts'
import type { RpcContext, RpcMethod, RpcMethods } from '../method.ts'
import { checkAccountId, decodeBase64, isObject, requireAccountId, requireHash, requireString } from '../params.ts'
import { finalOutcomeView } from '../views/transaction.ts'

function decodeTransaction(text: string): SignedTransaction {
  const decoded = decodeBase64(text)
  if (!decoded.ok) throw argumentError(`the value could not decoded from base64 due to: ${decoded.problem}`)
  try {
    return decodeSignedTransaction(decoded.bytes)
  } catch (error) {
    if (!(error instanceof BorshError)) throw error
    throw argumentError(`the value could not decoded from borsh due to: ${error.message}`)
  }
}

function parseStatus(value: unknown): TransactionStatus {
  const found = STATUSES.find((status) => status === value)
  if (found !== undefined) return found
  throw argumentError(
    `unknown variant \`${String(value)}\`, expected one of \`NONE\`, \`INCLUDED\`, \`EXECUTED_OPTIMISTIC\`, \`INCLUDED_FINAL\`, \`EXECUTED\`, \`FINAL\``,
  )
}

const invalidTransaction = (error: unknown): Error =>
  handlerError('INVALID_TRANSACTION', {}, { TxExecutionError: { InvalidTxError: error } })

const timeoutError = (): Error => handlerError('TIMEOUT_ERROR', {}, 'Timeout', 408)

/** What the node answers once `wanted` is reached: less than executed has no outcome to show. */
function answer(hash: string, wanted: TransactionStatus, withReceipts: boolean, { chain }: RpcContext): object | null {
  const entry = chain.log.transaction(hash)
  if (entry === undefined) return null
  const progress = progressOf(entry, chain.log, chain.blocks)
  if (!meets(wanted, progress.status)) return null
  const shown = progress.status === 'INCLUDED' || progress.status === 'INCLUDED_FINAL'
  return shown ? { final_execution_status: progress.status } : finalOutcomeView(progress, withReceipts)
}

/**
 * Waits until the transaction has come as far as `wanted`.
 * @param sent the transaction, if the caller has it: then one that no block will take is reported as such
 */
async function waitFor(
  hash: string,
  wanted: TransactionStatus,
  withReceipts: boolean,
  context: RpcContext,
  sent: SignedTransaction | null,
): Promise<object> {
  const timeout = AbortSignal.timeout(context.waitMs)
  const signal = AbortSignal.any([timeout, context.signal])
  for (;;) {
    const ready = answer(hash, wanted, withReceipts, context)
    if (ready !== null) return ready
    if (context.chain.log.transaction(hash) === undefined) {
      const problem = sent === null ? null : context.chain.problemOf(sent)
      if (problem !== null) throw invalidTransaction(problem)
      if (wanted === 'NONE') throw unknownTransaction(hash)
    }
    try {
      await context.chain.nextBlock(signal)
    } catch (error) {
      if (timeout.aborted) throw timeoutError()
      throw error
    }
  }
}

const unknownTransaction = (hash: string): Error =>
  handlerError('UNKNOWN_TRANSACTION', { requested_transaction_hash: hash }, `Transaction ${hash} doesn't exist`)

async function send(transaction: SignedTransaction, wanted: TransactionStatus, context: RpcContext): Promise<object> {
  const problem = context.chain.submit(transaction)
  // Whoever does not wait is not told: the node hands the transaction on and forgets it.
  if (wanted === 'NONE') return { final_execution_status: 'NONE' }
  if (problem !== null) throw invalidTransaction(problem)
  return waitFor(transaction.hash, wanted, false, context, transaction)
}

function parseSend(params: unknown): SignedTransaction {
  if (Array.isArray(params)) {
    if (typeof params[0] !== 'string') throw argumentError('invalid type: expected a string')
    return decodeTransaction(params[0])
  }
  if (!isObject(params)) throw argumentError('missing field `signed_tx_base64`')
  return decodeTransaction(requireString(params, 'signed_tx_base64'))
}

const sendTx: RpcMethod = (params, context) => {
  const transaction = parseSend(params)
  const wanted = isObject(params) && 'wait_until' in params ? parseStatus(params['wait_until']) : 'EXECUTED_OPTIMISTIC'
  return send(transaction, wanted, context)
}

type Asked = { hash: string; wanted: TransactionStatus; sent: SignedTransaction | null }

function parseTx(params: unknown): Asked {
  if (Array.isArray(params)) {
    const [first, second] = params
    if (typeof first !== 'string') throw argumentError('invalid type: expected a string')
    if (second === undefined) {
      const sent = decodeTransaction(first)
      return { hash: sent.hash, wanted: 'EXECUTED_OPTIMISTIC', sent }
    }
    checkAccountId(String(second))
    return { hash: requireHash({ tx_hash: first }, 'tx_hash'), wanted: 'EXECUTED_OPTIMISTIC', sent: null }
  }
  if (!isObject(params)) throw argumentError('missing field `tx_hash`')
  const wanted = 'wait_until' in params ? parseStatus(params['wait_until']) : 'EXECUTED_OPTIMISTIC'
  if ('signed_tx_base64' in params) {
    const sent = decodeTransaction(requireString(params, 'signed_tx_base64'))
    return { hash: sent.hash, wanted, sent }
  }
  requireAccountId(params, 'sender_account_id')
  return { hash: requireHash(params, 'tx_hash'), wanted, sent: null }
}

const status =
  (withReceipts: boolean): RpcMethod =>
  (params, context) => {
    const { hash, wanted, sent } = parseTx(params)
    return waitFor(hash, wanted, withReceipts, context, sent)
  }

export const transactionMethods: RpcMethods = {
  send_tx: sendTx,
  broadcast_tx_async: (params, context) => {
    const transaction = parseSend(params)
    context.chain.submit(transaction)
    return transaction.hash
  },
  broadcast_tx_commit: (params, context) => send(parseSend(params), 'EXECUTED_OPTIMISTIC', context),
  tx: status(false),
  EXPERIMENTAL_tx_status: status(true),
}
