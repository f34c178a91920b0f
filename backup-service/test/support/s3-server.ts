import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import * as S3 from '@aws-sdk/client-s3'
import { s3Place, type S3Settings } from '../../src/adapters/s3-place.ts'
import type { Place } from '../../src/ports.ts'
import { temporaryDirectory, until } from './home.ts'

export const CREDENTIALS = { accessKeyId: 'test-access', secretAccessKey: 'test-secret' }
const BUCKET = 'holdfast'

/** A real S3 server (versitygw over a directory), behind a wire that a test can cut, hold or restore. */
export type S3Server = {
  endpoint: string
  bucket: string
  /** `cut`: connections are refused. `held`: they are taken and nothing is answered. */
  wire(state: 'whole' | 'cut' | 'held'): void
  place(changes?: Partial<S3Settings>, credentials?: typeof CREDENTIALS): Place
  client: S3.S3Client
  kill(): Promise<void>
}

export type BucketOptions = { versioning?: boolean; lock?: boolean }

export async function startS3(t: ExecutionContext, program: string, options: BucketOptions = {}): Promise<S3Server> {
  const directory = await temporaryDirectory(t)
  const [root, versions] = [join(directory, 'root'), join(directory, 'versions')]
  await mkdir(root)
  await mkdir(versions)
  const keys = ['--access', CREDENTIALS.accessKeyId, '--secret', CREDENTIALS.secretAccessKey]
  const versioned = options.versioning === true || options.lock === true ? ['--versioning-dir', versions] : []
  const child = spawn(program, [...keys, '--quiet', '--port', '127.0.0.1:0', 'posix', ...versioned, root], {
    stdio: 'ignore',
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  t.teardown(kill)
  const port = await until(() => listeningPort(child))
  const wire = await startWire(t, port)
  const endpoint = `http://127.0.0.1:${wire.port}`
  const client = new S3.S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: CREDENTIALS })
  t.teardown(() => client.destroy())
  await client.send(
    new S3.CreateBucketCommand({ Bucket: BUCKET, ...(options.lock === true && { ObjectLockEnabledForBucket: true }) }),
  )
  if (options.versioning === true) {
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await client.send(new S3.PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }))
  }
  return {
    endpoint,
    bucket: BUCKET,
    wire: wire.set,
    client,
    kill,
    place: (changes = {}, credentials = CREDENTIALS) =>
      s3Place(
        {
          name: 's3',
          endpoint,
          region: 'us-east-1',
          bucket: BUCKET,
          prefix: 'a/',
          forcePathStyle: true,
          objectLock: undefined,
          ...changes,
        },
        async () => credentials,
      ),
  }
}

/** The port that the kernel gave to the one listening socket of a process. */
async function listeningPort({ pid }: ChildProcess): Promise<number | undefined> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`)
    const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    const inodes = new Set(links.flatMap((link) => /^socket:\[([0-9]+)\]$/.exec(link)?.[1] ?? []))
    const LISTENING = '0A'
    for (const line of (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state === LISTENING && inodes.has(inode)) return Number.parseInt(local?.split(':')[1] ?? '', 16)
    }
  } catch {
    // It has not come up yet.
  }
  return undefined
}

async function startWire(t: ExecutionContext, target: number) {
  let state: 'whole' | 'cut' | 'held' = 'whole'
  const open = new Set<Socket>()
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
  }
  const server: Server = createServer((socket) => {
    keep(socket)
    if (state === 'cut') socket.destroy()
    if (state !== 'whole') return
    const onward = createConnection(target, '127.0.0.1')
    keep(onward)
    socket.pipe(onward).pipe(socket)
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const set = (next: typeof state): void => {
    state = next
    for (const socket of open) socket.destroy()
  }
  t.teardown(() => {
    set('cut')
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, set }
}
