import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lockFile } from '@holdfast/protocol/file-lock.ts'

/** Programs of others that tests hold Holdfast against: stock age, and a real S3 server. Built once, from pinned sources. */
export const GO_TOOLS = {
  age: { source: 'filippo.io/age/cmd/age', version: 'v1.3.2' },
  versitygw: { source: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
} as const

export type GoTool = keyof typeof GO_TOOLS
/** A program's path, or why there is none here. */
export type FoundTool = { path: string } | { path: undefined; reason: string }

const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'holdfast', 'go-tools')
const PLACES_OF_GO = ['/usr/local/go/bin', '/usr/lib/go/bin']

/** The program, built now if it was not before. Never throws for a machine that cannot build it: it says why. */
export async function goTool(tool: GoTool): Promise<FoundTool> {
  const { version } = GO_TOOLS[tool]
  const path = join(CACHE, `${tool}-${version}`)
  if (existsSync(path)) return { path }
  await mkdir(CACHE, { recursive: true })
  const lock = await waitForLock(join(CACHE, `${tool}.lock`))
  try {
    if (existsSync(path)) return { path }
    const failure = await build(tool, path)
    return failure === undefined ? { path } : { path: undefined, reason: failure }
  } finally {
    lock.release()
  }
}

async function build(tool: GoTool, path: string): Promise<string | undefined> {
  const { source, version } = GO_TOOLS[tool]
  const made = await mkdtemp(join(CACHE, 'build-'))
  try {
    const PATH = [process.env['PATH'], ...PLACES_OF_GO].join(':')
    const go = spawn('go', ['install', `${source}@${version}`], {
      env: { ...process.env, PATH, GOBIN: made, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let words = ''
    go.stderr.setEncoding('utf8').on('data', (text: string) => (words = `${words}${text}`.slice(-400)))
    const code = await once(go, 'close').then(
      ([exit]) => exit as number,
      () => undefined,
    )
    if (code === undefined) return `Go is not installed, so ${tool} ${version} cannot be built`
    if (code !== 0) return `${tool} ${version} cannot be built: ${words.trim().split('\n').at(-1) ?? ''}`
    await rename(join(made, tool), path)
    return undefined
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

async function waitForLock(file: string): Promise<{ release(): void }> {
  for (;;) {
    const lock = await lockFile(file)
    if (lock !== undefined) return lock
    await delay(200)
  }
}

if (import.meta.main) {
  for (const tool of Object.keys(GO_TOOLS) as GoTool[]) {
    const found = await goTool(tool)
    console.log(found.path ?? `${tool}: ${found.reason}; its tests are skipped`)
  }
}
