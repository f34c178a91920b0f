import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { begin, type Story } from '../chapters/story.ts'
import type { NearMpcPrograms } from './environment.ts'
import { startTranscript } from './transcript.ts'

/** A story that a test tells on standard output. After a failure its files stay, and the test says where. */
export async function beginTold(t: ExecutionContext, programs: NearMpcPrograms): Promise<Story> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-near-mpc-'))
  const ended = new AbortController()
  const closers: (() => Promise<void>)[] = []
  t.teardown(async () => {
    for (const close of closers.reverse()) await close()
    ended.abort(new Error('the test has ended'))
    if (t.passed) await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    else t.log(`logs of every process: ${join(directory, 'logs')}`)
  })
  return begin({
    directory,
    programs,
    transcript: startTranscript("near/mpc's deployed contract on a real NEAR node, with Holdfast's backup services"),
    onOpen: (close) => void closers.push(close),
    signal: ended.signal,
  })
}
