import type { Ed25519KeyText } from '../near-key.ts'
import { createRpcEndpoint } from '../rpc/near-rpc-endpoint.ts'
import { functionCallKeys, type FunctionCallKey } from '../rpc/near-queries.ts'
import { failed, well, wrong, type Finding } from './finding.ts'

export type AccessKeyToCheck = {
  accountId: string
  contractId: string
  rpcUrls: readonly string[]
  signerKey: Ed25519KeyText
  /** The contract's methods that the key must allow. */
  methods: readonly string[]
  /** What adds such a key to the account. */
  todo: string
  /** For each question, in milliseconds. */
  timeoutMs: number
}

/** Whether the account lets this signer key speak for it. The first endpoint that answers is believed: this decides nothing. */
export async function checkAccessKey(wanted: AccessKeyToCheck, signal: AbortSignal): Promise<Finding> {
  let last: unknown
  for (const url of wanted.rpcUrls) {
    const endpoint = createRpcEndpoint(url, wanted.timeoutMs)
    try {
      return judged(await functionCallKeys(endpoint, wanted.accountId, signal), wanted)
    } catch (error) {
      signal.throwIfAborted()
      last = error
    } finally {
      endpoint.close()
    }
  }
  return failed(CHECK, last, `see whether the account ${wanted.accountId} exists`)
}

const CHECK = 'access key'

function judged(keys: readonly FunctionCallKey[], { contractId, methods, todo, signerKey }: AccessKeyToCheck): Finding {
  const key = keys.find(({ publicKey }) => publicKey === signerKey)
  if (key === undefined) return wrong(CHECK, `the account has no function-call key ${signerKey}`, todo)
  if (key.receiverId !== contractId) return wrong(CHECK, `it is for ${key.receiverId}, expected ${contractId}`, todo)
  const missing = key.methods.length === 0 ? [] : methods.filter((method) => !key.methods.includes(method))
  if (missing.length > 0)
    return wrong(CHECK, `it may not call ${missing.join(', ')}`, `delete it from the account, then: ${todo}`)
  return well(CHECK, `on the account, for ${contractId}`)
}
