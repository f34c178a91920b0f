import { createHash } from 'node:crypto'
import { base58 } from '@scure/base'
import { decodeSignedTransaction, encodeTransaction } from 'near-api-js'
import type { Json } from '../../src/json.ts'
import type { FakeRpc, RpcReply } from './fake-rpc.ts'

/** What becomes of one transaction that arrives. `lost`: executed, but the answer never gets back; `expired`: refused. */
export type Fate = 'executed' | 'slow' | 'lost' | 'dropped' | 'hang' | 'timeout' | 'expired'

const BLOCK_HASH = base58.encode(new Uint8Array(32).fill(1))

/** The one access key of an account on a chain, as its endpoints see it. */
export type FakeLedger = {
  nonce: bigint
  /** Hash and method of everything executed, in order. */
  executed: { hash: string; method: string; args: string }[]
  /** Fates of the next arrivals at any endpoint; afterwards all are executed. */
  fates: Fate[]
  /** The final status of executed calls. */
  status: Json
  /** Runs after each nonce was asked for: another process may take it meanwhile. */
  afterNonce: () => void
}

export function createLedger(): FakeLedger {
  return {
    nonce: 7n,
    executed: [],
    fates: [],
    status: { SuccessValue: btoa('{"epoch":18446744073709551615}') },
    afterNonce: () => undefined,
  }
}

export function serveLedger(ledger: FakeLedger): FakeRpc['answer'] {
  return ({ method, params }) => {
    switch (method) {
      case 'query':
        return viewNonce(ledger)
      case 'block':
        return { result: { header: { height: 9, hash: BLOCK_HASH, timestamp_nanosec: '1' } } }
      case 'tx':
        return known(ledger, String(params.tx_hash)) ?? unknownTransaction()
      case 'send_tx':
        return receive(ledger, String(params.signed_tx_base64))
      default:
        return { status: 500 }
    }
  }
}

function viewNonce(ledger: FakeLedger): RpcReply {
  const result = {
    nonce: ledger.nonce,
    permission: 'FullAccess',
    block_hash: BLOCK_HASH,
  }
  ledger.afterNonce()
  return { result }
}

async function receive(ledger: FakeLedger, base64: string): Promise<RpcReply> {
  const { transaction } = decodeSignedTransaction(Buffer.from(base64, 'base64'))
  const hash = base58.encode(createHash('sha256').update(encodeTransaction(transaction)).digest())
  const fate = ledger.fates.shift() ?? 'executed'
  if (fate === 'expired') return invalid('Expired')
  const executed = known(ledger, hash)
  if (executed !== undefined) return executed
  if (fate === 'slow') await new Promise((resolve) => setTimeout(resolve, 60))
  if (fate === 'dropped') return 'reset'
  if (fate === 'hang') return 'hang'
  if (fate === 'timeout') return { status: 408 }
  if (transaction.nonce <= ledger.nonce)
    return invalid({ InvalidNonce: { tx_nonce: transaction.nonce, ak_nonce: ledger.nonce } })
  ledger.nonce = transaction.nonce
  const call = transaction.actions[0]?.functionCall
  ledger.executed.push({ hash, method: call?.methodName ?? '', args: Buffer.from(call?.args ?? []).toString() })
  return fate === 'lost' ? 'reset' : (known(ledger, hash) ?? 'reset')
}

function known(ledger: FakeLedger, hash: string): RpcReply | undefined {
  if (!ledger.executed.some((transaction) => transaction.hash === hash)) return undefined
  const outcome = { gas_burnt: 2_500_000_000_000, logs: ['EVENT_JSON:{}'], status: {} }
  return {
    result: {
      status: ledger.status,
      transaction_outcome: { outcome: { ...outcome, logs: [] } },
      receipts_outcome: [{ outcome }],
    },
  }
}

function unknownTransaction(): RpcReply {
  return { error: { cause: { name: 'UNKNOWN_TRANSACTION', info: {} } } }
}

function invalid(error: Json): RpcReply {
  return {
    error: { cause: { name: 'INVALID_TRANSACTION', info: {} }, data: { TxExecutionError: { InvalidTxError: error } } },
  }
}
