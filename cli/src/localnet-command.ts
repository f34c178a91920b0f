import { runLocalnet, type RunningLocalnet } from '@holdfast/localnet/run-localnet.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { createLocalAccounts, type LocalAccount } from './localnet-accounts.ts'
import { shutdownSignal } from './shutdown.ts'

export type LocalnetOptions = {
  home: string
  host: string
  port: number
  blockMs: number
  endpoints: number
  faults?: boolean
  vm: 'v8' | 'near' | 'both'
  account?: string[]
  json?: true
}

/** Runs the embedded chain until a signal. @throws HoldfastError `PORT_IN_USE`, `ADDRESS_UNAVAILABLE`, `NEAR_VM_UNAVAILABLE` */
export async function localnetCommand({
  json,
  faults = false,
  account: names = [],
  ...options
}: LocalnetOptions): Promise<void> {
  const stop = shutdownSignal()
  const failed = new AbortController()
  const signal = AbortSignal.any([stop, failed.signal])
  let failure: { error: unknown } | undefined
  const tell = async (running: RunningLocalnet): Promise<void> => {
    const chain = { rpcUrl: running.rpcUrls[0] as string, signal }
    const accounts = names.length === 0 ? [] : await createLocalAccounts(chain, running.keyFile, names)
    console.log(json ? asJson(running, accounts) : inWords(running, accounts))
  }
  const onReady = (running: RunningLocalnet): void => {
    tell(running).catch((error: unknown) => {
      if (!stop.aborted) failure = { error }
      failed.abort()
    })
  }
  try {
    await runLocalnet({ ...options, faults, signal, onReady })
    if (failure !== undefined) throw failure.error
  } catch (error) {
    if (error instanceof Error && error.name === 'LocalnetStartError' && 'code' in error) {
      throw new HoldfastError(String(error.code), error.message, { cause: error })
    }
    throw error
  }
}

function asJson({ rpcUrls, controlUrl, rootAccountId, keyFile }: RunningLocalnet, accounts: LocalAccount[]): string {
  return JSON.stringify({
    rpc_urls: rpcUrls,
    control_url: controlUrl,
    account_id: rootAccountId,
    key_file: keyFile,
    accounts: accounts.map((each) => ({ account_id: each.accountId, key_file: each.keyFile })),
  })
}

function inWords({ rpcUrls, controlUrl, rootAccountId, keyFile }: RunningLocalnet, accounts: LocalAccount[]): string {
  const lines = [
    `A NEAR chain runs at ${rpcUrls.join(', ')}.`,
    `The key of its first account, ${rootAccountId}, is in ${keyFile}. Ctrl-C ends it.`,
  ]
  for (const account of accounts) lines.push(`The key of ${account.accountId} is in ${account.keyFile}.`)
  if (controlUrl !== null) lines.push(`Faults are switched with POST ${controlUrl}/fault.`)
  return lines.join('\n')
}
