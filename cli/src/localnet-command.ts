import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import { startLocalnet } from '@holdfast/localnet/localnet.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { shutdownSignal } from './shutdown.ts'

export type LocalnetOptions = { home: string; host: string; port: number; blockMs: number; json?: true }

/** Runs the embedded chain until a signal; its first account's key is written in the sandbox's own format. */
export async function localnetCommand({ home, host, port, blockMs, json }: LocalnetOptions): Promise<void> {
  const signal = shutdownSignal()
  await mkdir(home, { recursive: true, mode: 0o700 })
  const localnet = await startLocalnet({ host, ports: [port], blockMs }).catch((error: NodeJS.ErrnoException) => {
    throw startFailure(error, `${host}:${port}`)
  })
  try {
    const { accountId, publicKey, secretKey } = localnet.root
    const keyFile = join(home, 'validator_key.json')
    const key = { account_id: accountId, public_key: publicKey, secret_key: secretKey }
    await writeDurably(keyFile, `${JSON.stringify(key, null, 2)}\n`)
    const rpcUrl = localnet.endpoints[0]?.url ?? ''
    console.log(
      json
        ? JSON.stringify({ rpc_url: rpcUrl, key_file: keyFile })
        : `A NEAR chain runs at ${rpcUrl}, a block every ${blockMs} ms.\n` +
            `The key of its first account, ${accountId}, is in ${keyFile}. Ctrl-C ends it.`,
    )
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await localnet.stop()
  }
}

function startFailure(error: NodeJS.ErrnoException, where: string): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new HoldfastError(
        'PORT_IN_USE',
        `cannot listen on ${where}: the port is taken; choose another with --port`,
      )
    case 'EADDRNOTAVAIL':
      return new HoldfastError('ADDRESS_UNAVAILABLE', `cannot listen on ${where}: this machine has no such address`)
    default:
      return error
  }
}
