import { base58 } from '@scure/base'
import type { KeyPairSigner, SignedTransaction } from 'near-api-js'
import { errorMessage, HoldfastError, isHoldfastError } from './errors.ts'
import type { Json } from './json.ts'
import { backoff, sleep, withDeadline } from './poll.ts'
import { createEndpointRoute, type EndpointRoute } from './rpc/endpoint-route.ts'
import { finalBlock } from './rpc/near-queries.ts'
import { createNearProvider, type NearApi } from './rpc/near-provider.ts'
import { createRpcEndpoint } from './rpc/near-rpc-endpoint.ts'
import type { CallOutcome, RpcEndpoint } from './rpc/ports.ts'
import { isObject, RpcError } from './rpc/rpc-error.ts'
import { nearAction, type TransactionAction } from './rpc/transaction-actions.ts'
import { accessKeyMissing, rejectionOf, transactionOutcome } from './rpc/transaction-outcome.ts'

export type TransactionSenderOptions = {
  /** URLs of NEAR RPC endpoints; the next one is tried where one does not answer. */
  endpoints: readonly string[]
  accountId: string
  /** 32 bytes of the Ed25519 access key's seed. */
  signerSeed: Uint8Array
  /** For each single request; a node waits up to 10 s for a transaction. Milliseconds, default 15 seconds. */
  requestTimeoutMs?: number | undefined
  /** For one transaction with all its retries. Milliseconds, default 90 seconds. */
  deadlineMs?: number | undefined
}

export interface SendTransaction {
  /**
   * Signs and sends one transaction and waits until it is executed (optimistically: only a final view proves it for
   * good). Transactions of one sender go one after the other, in the order of the calls.
   */
  send(
    receiverId: string,
    actions: readonly TransactionAction[],
    options?: { signal?: AbortSignal | undefined; what?: string },
  ): Promise<CallOutcome>
  close(): void
}

const DEFAULT_REQUEST_TIMEOUT_MS = 15_000
const DEFAULT_DEADLINE_MS = 90_000
/** What needs no waiting for a block is asked of the next endpoint sooner. */
const VIEW_TIMEOUT_MS = 5_000
/** Signing anew after a nonce race: with other processes that use the same key, one of us wins each round. */
const MOST_SIGNINGS = 8
const RETRY = { minMs: 100, maxMs: 2_000 }
const SEED_LENGTH = 32
const NO_SUCH_KEY = ['UNKNOWN_ACCOUNT', 'UNKNOWN_ACCESS_KEY']

/**
 * Sends transactions with one access key. No loss of an answer doubles an effect: once a transaction may have reached a
 * node, only that same signed transaction is sent again and its status looked up, never another one in its place.
 *
 * `send` throws ContractRefusedError (`CONTRACT_REFUSED`) on a panic, HoldfastError `TRANSACTION_FAILED`,
 * `ACCESS_KEY_MISSING`, `ACCESS_KEY_NOT_ALLOWED`, `NOT_ENOUGH_BALANCE`, `TRANSACTION_REFUSED`, `RPC_UNAVAILABLE` (nothing
 * was sent), `TRANSACTION_UNCERTAIN` (sent, outcome unknown: read the contract before acting again); the signal's reason.
 * @throws HoldfastError `INVALID_KEY`, `INVALID_ENDPOINT`, also for no endpoint
 */
export function createTransactionSender(options: TransactionSenderOptions): SendTransaction {
  const { requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, deadlineMs = DEFAULT_DEADLINE_MS } = options
  if (options.signerSeed.length !== SEED_LENGTH) {
    throw new HoldfastError('INVALID_KEY', `a signer seed has ${SEED_LENGTH} bytes, found ${options.signerSeed.length}`)
  }
  const route = createEndpointRoute(options.endpoints.map((url) => createRpcEndpoint(url, requestTimeoutMs)))
  const wallet = { accountId: options.accountId, seed: options.signerSeed, lastNonce: 0n }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    send(receiverId, actions, { signal, what = describe(actions) } = {}) {
      const order = { receiverId, actions, what }
      const sent = turn.then(() => sendOne({ route, wallet, order, signal }, deadlineMs))
      turn = sent.catch(() => undefined)
      return sent
    },
    close() {
      for (const endpoint of route.endpoints()) endpoint.close()
    },
  }
}

type Wallet = { accountId: string; seed: Uint8Array; lastNonce: bigint }
type Order = { receiverId: string; actions: readonly TransactionAction[]; what: string }
type Errand = { route: EndpointRoute; wallet: Wallet; order: Order; signal: AbortSignal | undefined }
type Sending = Errand & { near: NearApi; deadline: number }
type Signed = { transaction: SignedTransaction; hash: string; signer: string }

async function sendOne(errand: Errand, deadlineMs: number): Promise<CallOutcome> {
  errand.signal?.throwIfAborted()
  // Loaded when first needed: 13 MB that a service which only watches does without.
  const near = await import('near-api-js')
  const sending = { ...errand, near, deadline: Date.now() + deadlineMs }
  for (let signings = 1; ; signings++) {
    const signed = await signTransaction(sending)
    const outcome = await deliver(sending, signed)
    if (outcome !== 'outdated') return outcome
    if (signings === MOST_SIGNINGS) {
      throw new HoldfastError(
        'TRANSACTION_REFUSED',
        `cannot send ${errand.order.what}: the nonce of ${signed.signer} was taken ${signings} times in a row; ` +
          'stop the other programs that sign with this key',
      )
    }
  }
}

/** Sends one signed transaction until its fate is known. `outdated`: it was never executed and never will be. */
async function deliver(sending: Sending, { transaction, hash, signer }: Signed): Promise<CallOutcome | 'outdated'> {
  const { near, route, order, deadline, signal } = sending
  const pause = backoff(RETRY)
  let mayBeUnderWay = false
  let last: unknown
  for (;;) {
    const endpoint = route.best()
    try {
      const provider = createNearProvider(near, endpoint, signal)
      const answer = await provider.sendTransactionUntil(transaction, 'EXECUTED_OPTIMISTIC')
      mayBeUnderWay = true
      const outcome = transactionOutcome(answer as unknown as Json, hash, order.what)
      if (outcome !== undefined) return outcome
    } catch (error) {
      const rejection = rejectionOf(error, order.what, signer)
      if (rejection?.kind === 'refused' && !mayBeUnderWay) throw rejection.error
      if (rejection === undefined && !isLost(error)) throw error
      // It may be dead, or behind the others with its nonces: the next one is asked next.
      route.demote(endpoint)
      if (rejection?.kind === 'outdated' && !mayBeUnderWay) return 'outdated'
      if (rejection === undefined) mayBeUnderWay = true
      else {
        // A node refuses the nonce of a transaction that was executed: by this very one, or by another.
        const known = await lookUp(sending, hash)
        if (known !== undefined) return known
      }
      last = error
    }
    if (Date.now() >= deadline) throw uncertain(order.what, hash, last)
    await sleep(pause.next(), signal)
  }
}

/** The transaction's outcome by its hash from the first endpoint that knows it; undefined if none does. */
async function lookUp(
  { near, route, wallet, order, signal }: Sending,
  txHash: string,
): Promise<CallOutcome | undefined> {
  const { accountId } = wallet
  for (const endpoint of route.endpoints()) {
    try {
      const provider = createNearProvider(near, endpoint, signal)
      const answer = await provider.viewTransactionStatus({ txHash, accountId, waitUntil: 'EXECUTED_OPTIMISTIC' })
      const outcome = transactionOutcome(answer as unknown as Json, txHash, order.what)
      if (outcome !== undefined) return outcome
    } catch (error) {
      if (!isLost(error) && !(error instanceof RpcError)) throw error
    }
  }
  return undefined
}

/** Signs for the newest nonce that an endpoint knows and we have not used. */
async function signTransaction(sending: Sending): Promise<Signed> {
  const { near, wallet, order } = sending
  const keySigner = signerOf(near, wallet.seed)
  const publicKey = await keySigner.getPublicKey()
  const signer = `${wallet.accountId} (${publicKey.toString()})`
  const [nonce, block] = await firstAnswer(sending, (endpoint, signal) =>
    Promise.all([
      viewNonce(sending, endpoint, signer, publicKey.toString(), signal),
      // A final block: a node refuses a transaction on its newest one, which may yet be dropped.
      finalBlock(endpoint, signal),
    ]),
  )
  wallet.lastNonce = (nonce > wallet.lastNonce ? nonce : wallet.lastNonce) + 1n
  const transaction = near.createTransaction(
    wallet.accountId,
    publicKey,
    order.receiverId,
    wallet.lastNonce,
    order.actions.map((action) => nearAction(near, action)),
    base58.decode(block.hash),
  )
  const { txHash, signedTransaction } = await keySigner.signTransaction(transaction)
  return { transaction: signedTransaction, hash: base58.encode(txHash), signer }
}

async function viewNonce(
  { near, wallet, order }: Sending,
  endpoint: RpcEndpoint,
  signer: string,
  publicKey: string,
  signal: AbortSignal,
): Promise<bigint> {
  const provider = createNearProvider(near, endpoint, signal)
  const params = {
    request_type: 'view_access_key',
    account_id: wallet.accountId,
    public_key: publicKey,
    finality: 'optimistic',
  }
  const found = await provider.query(params as Parameters<typeof provider.query>[0]).catch((error: unknown) => {
    if (!(error instanceof RpcError) || !NO_SUCH_KEY.includes(error.causeName)) throw error
    throw accessKeyMissing(order.what, signer)
  })
  const answer = found as unknown as Json
  if (isObject(answer)) {
    const { nonce, error } = answer
    if (typeof error === 'string') throw accessKeyMissing(order.what, signer)
    if (typeof nonce === 'number' || typeof nonce === 'bigint') return BigInt(nonce)
  }
  throw new HoldfastError('RPC_UNAVAILABLE', `${endpoint.name} answered view_access_key with something else`)
}

/** The first endpoint's answer, the best first. @throws the last failure; one that is no outage at once. */
async function firstAnswer<T>(
  { route, signal }: Sending,
  ask: (endpoint: RpcEndpoint, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let last: unknown
  for (const endpoint of route.endpoints()) {
    try {
      return await withDeadline((stop) => ask(endpoint, stop), VIEW_TIMEOUT_MS, signal, `asking ${endpoint.name}`)
    } catch (error) {
      if (signal?.aborted === true || !isLost(error)) throw error
      route.demote(endpoint)
      last = error
    }
  }
  throw isHoldfastError(last, 'DEADLINE_EXCEEDED') ? new HoldfastError('RPC_UNAVAILABLE', last.message) : last
}

function signerOf(near: NearApi, seed: Uint8Array): KeyPairSigner {
  return near.KeyPairSigner.fromSecretKey(`ed25519:${base58.encode(seed)}`)
}

/** No answer, or one that says that the node gave up waiting: the transaction may be executed or not. */
function isLost(error: unknown): boolean {
  if (isHoldfastError(error, 'RPC_UNAVAILABLE') || isHoldfastError(error, 'DEADLINE_EXCEEDED')) return true
  return error instanceof RpcError && error.causeName !== 'INVALID_TRANSACTION' && error.causeName !== 'PARSE_ERROR'
}

function uncertain(what: string, hash: string, last: unknown): HoldfastError {
  return new HoldfastError(
    'TRANSACTION_UNCERTAIN',
    `the outcome of ${what} (transaction ${hash}) is unknown: ${last === undefined ? 'not executed in time' : errorMessage(last)}; ` +
      'read the contract before trying again',
    { cause: last },
  )
}

function describe(actions: readonly TransactionAction[]): string {
  return actions.map((action) => ('method' in action ? action.method : action.kind)).join(', ')
}
