import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { CommandExit } from '../command-exit.ts'
import { leastGovernanceThreshold } from '../operator/init-parameters.ts'
import { sandboxBinaryFromEnvironment } from '../devnet/sandbox-binary.ts'
import { shutdownSignal, Stopped } from '../shutdown.ts'
import { runDemo, type DemoSize } from './demo.ts'
import { howToReach } from './how-to-reach.ts'
import { createJsonReporter } from './report-json.ts'
import { createTerminalReporter } from './report-terminal.ts'
import { Story } from './story.ts'

export type DemoOptions = Omit<DemoSize, 'threshold'> & { threshold?: number; home?: string; keep?: true; json?: true }

/** The longest home whose nodes' control sockets still fit into a socket's path (107 bytes on Linux). */
const LONGEST_HOME = 75

/**
 * `holdfast demo`: exit code 0 only if every check held.
 * @throws HoldfastError `USAGE` for impossible options, CommandExit where a check did not hold or the demo was cut short.
 */
export async function demoCommand(options: DemoOptions): Promise<void> {
  const size = { ...options, threshold: chooseThreshold(options) }
  const sandboxBinary = await sandboxBinaryFromEnvironment()
  const directory = await prepareDirectory(options.home)
  const signal = shutdownSignal()
  // Also where a second signal, as npm hands on the terminal's own, ends this process at once.
  process.on('exit', () => {
    if (signal.aborted) rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  })
  const reporter = options.json
    ? createJsonReporter((line) => process.stdout.write(line))
    : createTerminalReporter(process.stdout)
  const story = new Story(reporter)
  let complete = false
  try {
    const devnet = await runDemo({ size, directory, sandboxBinary, story, signal })
    complete = true
    if (options.keep) {
      reporter.event({ event: 'kept', at: story.now(), reach: howToReach(devnet) })
      reporter.result(story.result(true))
      await stopped(signal)
    }
    await devnet.close()
  } catch (error) {
    if (signal.reason instanceof Stopped) {
      await rm(directory, { recursive: true, force: true })
      reporter.event({ event: 'stopped', at: story.now(), signal: signal.reason.signal })
      throw new CommandExit(signal.reason.exitCode)
    }
    reporter.event({ event: 'failed', at: story.now(), error: errorMessage(error), logs: join(directory, 'logs') })
    if (process.env['HOLDFAST_DEBUG'] === '1') console.error(error)
  }
  const result = story.result(complete)
  if (!(options.keep && complete)) reporter.result(result)
  if (result.ok) await rm(directory, { recursive: true, force: true })
  if (!result.ok) throw new CommandExit(EXIT_CODES.checkFailed)
}

/** How many shares sign: as asked, else as few as the contract allows. @throws HoldfastError `USAGE` */
export function chooseThreshold({ nodes, threshold }: { nodes: number; threshold?: number }): number {
  const least = leastGovernanceThreshold(nodes)
  if (threshold === undefined) return least
  if (threshold > nodes) {
    throw new HoldfastError('USAGE', `--threshold ${threshold} is more than the ${nodes} machines that --nodes says`)
  }
  if (threshold < least) {
    throw new HoldfastError(
      'USAGE',
      `--threshold ${threshold} is less than 60 % of ${nodes} machines: the contract asks for at least ${least}`,
    )
  }
  return threshold
}

async function prepareDirectory(home: string | undefined): Promise<string> {
  if (home === undefined) return mkdtemp(join(tmpdir(), 'holdfast-demo-'))
  const directory = resolve(home)
  if (Buffer.byteLength(directory) > LONGEST_HOME) {
    throw new HoldfastError(
      'USAGE',
      `--home ${directory} is too long a path for the nodes' sockets: at most ${LONGEST_HOME} bytes`,
    )
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new HoldfastError(
      'USAGE',
      `cannot make the directory --home ${directory} (${(error as NodeJS.ErrnoException).code}): name a new or empty ` +
        'directory in a place that you may write to',
    )
  }
  if ((await readdir(directory)).length > 0) {
    throw new HoldfastError('USAGE', `--home ${directory} is not empty: name a new directory`)
  }
  return directory
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
