import { fork, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '@holdfast/cli/devnet/address-block.ts'
import { newKey } from '@holdfast/cli/devnet/new-account.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { dealKeyset } from '../../../backup-service/test/support/dealt-keyset.ts'
import type { NearMpcPrograms } from '../../../tests/near-mpc/support/environment.ts'
import { startPeerNode } from '../../../tests/near-mpc/support/peer-node.ts'
import { median } from '../measurement.ts'
import { watchPeak } from '../peak-memory.ts'
import { repositoryOfBench } from '../repository-of-bench.ts'
import type { FetchResult, FetchTask } from './messages.ts'

const SIZES = [1, 100, 1_000]
const PARTICIPANT = 2
const RUNS = 5
const HOST = '127.0.0.1'
const NODE_FLAGS = ['--max-semi-space-size=1']

/** Medians. Seconds and MB (10^6 bytes). */
export type ClientRow = {
  keys: number
  theirs: { total: number; megabytes: number }
  ours: FetchResult
}

/** One backup by near/mpc's own client and one by Holdfast, from the same near/mpc node, at each size. */
export async function compareClients(
  directory: string,
  programs: NearMpcPrograms,
  { signal, say }: { signal: AbortSignal; say: (what: string) => void },
): Promise<ClientRow[]> {
  const rows: ClientRow[] = []
  for (const keys of SIZES) {
    say(`backup of ${keys} keys from a near/mpc node, by its client and by Holdfast`)
    rows.push(await compareAt(join(directory, `near-mpc-${keys}`), keys, programs, signal))
  }
  return rows
}

async function compareAt(
  home: string,
  keys: number,
  programs: NearMpcPrograms,
  signal: AbortSignal,
): Promise<ClientRow> {
  await mkdir(home, { recursive: true })
  const curves = Array.from({ length: keys }, (_, i) => (i % 2 === 0 ? ('Ed25519' as const) : ('Secp256k1' as const)))
  const { json, sharesOf } = dealKeyset({ domains: curves, commitments: false })
  const files = { shares: join(home, 'shares.json'), keyset: join(home, 'keyset.json'), out: join(home, 'out.json') }
  await writeFile(files.shares, serializeKeyshares(sharesOf(PARTICIPANT)))
  await writeFile(files.keyset, stringifyJson(json))
  const [nodeKey, client, aesKey] = [newKey(), newKey(), new Uint8Array(randomBytes(32))]
  const port = await freePorts(1)
  const node = await startPeerNode({
    program: programs.peerNode,
    address: HOST,
    port,
    tlsSeed: nodeKey.seed,
    aesKey,
    home: join(home, 'node'),
    sharesFile: files.shares,
    logFile: join(home, 'node.log'),
    signal,
  })
  try {
    node.rekey(client.publicKey)
    await node.waitFor('REKEYED')
    const get = [
      ...['get', '--addr', `${HOST}:${port}`, '--my-secret', hex(client.seed), '--node-pubkey', nodeKey.publicKey],
      ...['--aes-key', hex(aesKey), '--keyset', files.keyset, '--out', files.out],
    ]
    const address = { host: HOST, port, tlsPublicKey: nodeKey.publicKey }
    const theirs: ClientRow['theirs'][] = []
    const ours: FetchResult[] = []
    // One to warm up, and each in turn, so that what else the machine does falls on both.
    for (let run = 0; run <= RUNS; run++) {
      const their = await runTheirs(programs.peerBackup, get, keys, files.out)
      const own = await runOurs(join(home, `service-${run}`), client.seed, {
        keyset: stringifyJson(json),
        participantId: PARTICIPANT,
        node: address,
        aesKey,
      })
      if (run === 0) continue
      theirs.push(their)
      ours.push(own)
    }
    return { keys, theirs: medians(theirs), ours: medians(ours) }
  } finally {
    await node.kill()
  }
}

async function runTheirs(program: string, args: string[], keys: number, out: string): Promise<ClientRow['theirs']> {
  const started = performance.now()
  const child = spawn(program, args, { stdio: 'ignore' })
  // It lives for some 20 ms.
  const peak = watchPeak(() => (child.pid === undefined ? [] : [child.pid]), 1)
  await once(child, 'exit')
  const total = (performance.now() - started) / 1000
  const megabytes = peak()
  const got = (JSON.parse(await readFile(out, 'utf8')) as unknown[]).length
  if (child.exitCode !== 0 || got !== keys) throw new Error(`near/mpc's client got ${got} of ${keys} keys`)
  return { total, megabytes }
}

async function runOurs(home: string, tlsSeed: Uint8Array, task: Omit<FetchTask, 'settings'>): Promise<FetchResult> {
  const settings = await repositoryOfBench(home, 'v1.signer', tlsSeed)
  const service = fork(new URL('./service-main.ts', import.meta.url), {
    serialization: 'advanced',
    execArgv: NODE_FLAGS,
    env: { ...process.env, NODE_COMPILE_CACHE: join(home, '..', '..', 'compile-cache') },
  })
  const result = await answerOf(service, { ...task, settings })
  if (service.exitCode === null) await once(service, 'exit')
  return result
}

async function answerOf(child: ChildProcess, task: FetchTask): Promise<FetchResult> {
  const { promise, resolve, reject } = Promise.withResolvers<FetchResult>()
  child.once('message', (answer) => resolve(answer as FetchResult))
  child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)))
  child.send(task)
  return promise
}

function medians<T extends Record<string, number>>(rows: readonly T[]): T {
  const [first] = rows
  if (first === undefined) throw new RangeError('nothing was measured')
  const names = Object.keys(first)
  return Object.fromEntries(names.map((name) => [name, median(rows.map((row) => row[name] ?? NaN))])) as T
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
