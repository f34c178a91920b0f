import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'

export type Run = { code: number | null; stdout: string; stderr: string }

/** Runs `holdfast ARGS` to its end; a run that does not end within `limitMs` is killed (then `code` is null). */
export async function runHoldfast(
  args: string[],
  { env = {}, limitMs = 60_000 }: { env?: NodeJS.ProcessEnv; limitMs?: number } = {},
): Promise<Run> {
  const command = holdfastCommand(...args)
  const child = spawn(command.program, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  clearTimeout(timer)
  return { code: child.exitCode, stdout, stderr }
}
