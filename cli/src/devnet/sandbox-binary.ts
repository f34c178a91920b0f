import { execFile } from 'node:child_process'
import { access, constants, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** The official sandbox binary, where NEAR_SANDBOX_BIN_PATH names it; undefined where it does not. */
export async function sandboxBinaryFromEnvironment(): Promise<string | undefined> {
  const path = process.env['NEAR_SANDBOX_BIN_PATH']
  if (path === undefined || path === '') return undefined
  try {
    await access(path, constants.X_OK)
    return path
  } catch {
    throw new HoldfastError(
      'SANDBOX_NOT_EXECUTABLE',
      `cannot use the NEAR sandbox: NEAR_SANDBOX_BIN_PATH names ${path}, which is not an executable file; correct it, ` +
        'or unset it to use the embedded chain',
    )
  }
}

/** Makes the sandbox's genesis and keys, and sets its block time the way its own config file is made for. */
export async function initSandbox({
  binary,
  home,
  blockMs,
}: {
  binary: string
  home: string
  blockMs: number
}): Promise<void> {
  await promisify(execFile)(binary, ['--home', home, 'init', '--chain-id', 'localnet'])
  const path = join(home, 'config.json')
  const config = JSON.parse(await readFile(path, 'utf8')) as { consensus: Record<string, unknown> }
  config.consensus['min_block_production_delay'] = duration(blockMs)
  config.consensus['max_block_production_delay'] = duration(blockMs * 4)
  await writeFile(path, JSON.stringify(config))
}

/** The command that runs an initialised sandbox. */
export function sandboxCommand(options: {
  binary: string
  home: string
  host: string
  ports: { rpc: number; network: number }
}): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const { binary, home, host, ports } = options
  const addresses = ['--rpc-addr', `${host}:${ports.rpc}`, '--network-addr', `${host}:${ports.network}`]
  return { program: binary, args: ['--home', home, 'run', ...addresses], env: { ...process.env, RUST_LOG: 'warn' } }
}

function duration(ms: number): { secs: number; nanos: number } {
  return { secs: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
