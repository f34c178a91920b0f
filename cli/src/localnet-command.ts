import { runLocalnet, type RunningLocalnet } from '@holdfast/localnet/run-localnet.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { shutdownSignal } from './shutdown.ts'

export type LocalnetOptions = {
  home: string
  host: string
  port: number
  blockMs: number
  endpoints: number
  faults?: boolean
  json?: true
}

/** Runs the embedded chain until a signal. @throws HoldfastError `PORT_IN_USE`, `ADDRESS_UNAVAILABLE` */
export async function localnetCommand({ json, faults = false, ...options }: LocalnetOptions): Promise<void> {
  const onReady = (running: RunningLocalnet): void => console.log(json ? asJson(running) : inWords(running))
  try {
    await runLocalnet({ ...options, faults, signal: shutdownSignal(), onReady })
  } catch (error) {
    if (error instanceof Error && error.name === 'LocalnetStartError' && 'code' in error) {
      throw new HoldfastError(String(error.code), error.message, { cause: error })
    }
    throw error
  }
}

function asJson({ rpcUrls, controlUrl, rootAccountId, keyFile }: RunningLocalnet): string {
  return JSON.stringify({ rpc_urls: rpcUrls, control_url: controlUrl, account_id: rootAccountId, key_file: keyFile })
}

function inWords({ rpcUrls, controlUrl, rootAccountId, keyFile }: RunningLocalnet): string {
  const lines = [
    `A NEAR chain runs at ${rpcUrls.join(', ')}.`,
    `The key of its first account, ${rootAccountId}, is in ${keyFile}. Ctrl-C ends it.`,
  ]
  if (controlUrl !== null) lines.push(`Faults are switched with POST ${controlUrl}/fault.`)
  return lines.join('\n')
}
