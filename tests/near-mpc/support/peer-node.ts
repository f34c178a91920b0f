import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { startWatchdog } from '@holdfast/cli/devnet/watchdog.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'

/** `at` as of `performance.now()`. */
export type PeerEvent = { text: string; at: number }

/** near/mpc's migration service as a process: its TLS, HTTP, encryption and key-share storage, without its chain indexer. */
export type PeerNode = {
  /** What it printed so far, one event a line: `LISTENING …`, `RECEIVED n`, `IMPORTED n`, `IMPORT-REFUSED …`, `REKEYED`. */
  readonly events: readonly PeerEvent[]
  readonly pid: number
  /** Tells it which backup service is registered; open connections are dropped, as near/mpc's node does. */
  rekey(publicKey: string | undefined): void
  /** The first event that starts with `word`. */
  waitFor(word: string): Promise<PeerEvent>
  /** kill -9. */
  kill(): Promise<void>
}

export type PeerNodeOptions = {
  program: string
  address: string
  port: number
  tlsSeed: Uint8Array
  aesKey: Uint8Array
  /** Its disk: near/mpc's own key-share storage. */
  home: string
  /** A file with the shares that it holds for good; put into its storage at the start. */
  sharesFile?: string | undefined
  /** A file with the shares of attempts that the network did not adopt. */
  temporarySharesFile?: string | undefined
  /** The keyset that received shares are imported against. */
  keysetFile?: string | undefined
  logFile: string
  onLine?: (line: string) => void
  signal: AbortSignal
}

const DEADLINE_MS = 120_000

/** Starts the process and waits until it listens. It ends with this process, however that ends. */
export async function startPeerNode(options: PeerNodeOptions): Promise<PeerNode> {
  const { program, logFile, onLine, signal } = options
  const watchdog = startWatchdog()
  const child = spawn(program, commandLine(options), { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const { pid } = child
  if (pid === undefined) throw new HoldfastError('PROCESS_NOT_STARTED', `cannot start ${program}`)
  watchdog.add(pid)
  child.stdin.on('error', () => undefined)
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  child.stderr.pipe(log)
  const events: PeerEvent[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    events.push({ text, at: performance.now() })
    log.write(`${text}\n`)
    onLine?.(text)
  })
  const ended = once(child, 'exit').then(() => {
    watchdog.remove(pid)
    watchdog.close()
  })
  const node: PeerNode = {
    events,
    pid,
    rekey: (publicKey) => void child.stdin.write(`rekey ${publicKey ?? 'none'}\n`),
    waitFor: (word) =>
      waitUntil(
        `${word} of the near/mpc node (log: ${logFile})`,
        async () => events.find(({ text }) => text.startsWith(word)) ?? stillRunning(child, logFile),
        { deadlineMs: DEADLINE_MS, signal },
      ),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
  try {
    await node.waitFor('LISTENING')
  } catch (error) {
    await node.kill()
    throw error
  }
  return node
}

function commandLine(options: PeerNodeOptions): string[] {
  const { address, port, tlsSeed, aesKey, home, sharesFile, temporarySharesFile, keysetFile } = options
  return [
    ...['--addr', `${address}:${port}`, '--tls-secret', hex(tlsSeed), '--aes-key', hex(aesKey)],
    ...['--backup-pubkey', 'none', '--home', home],
    ...(sharesFile === undefined ? [] : ['--shares', sharesFile]),
    ...(temporarySharesFile === undefined ? [] : ['--temporary-shares', temporarySharesFile]),
    ...(keysetFile === undefined ? [] : ['--import-keyset', keysetFile]),
  ]
}

function stillRunning({ exitCode, signalCode }: ChildProcess, logFile: string): undefined {
  if (exitCode === null && signalCode === null) return undefined
  throw new HoldfastError('PROCESS_ENDED', `the near/mpc node has ended (${signalCode ?? exitCode}); log: ${logFile}`)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
