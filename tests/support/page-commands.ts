import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'

/** The commands of a page of docs/ that are in shaded blocks, in their order. */
export async function pageCommands(page: string): Promise<string> {
  const content = await readFile(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8')
  return [...content.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, script]) => script).join('\n')
}

/**
 * Runs commands as a reader would, in one shell that ends at the first failure and leaves no process behind.
 * @param directory where, and where a program `holdfast` is put that they find
 */
export async function runCommands(
  directory: string,
  commands: string,
  { env = {}, limitMs }: { env?: NodeJS.ProcessEnv; limitMs: number },
): Promise<{ code: number | null; said: string; complaint: string }> {
  const { program, args } = holdfastCommand()
  const quoted = [program, ...args].map((part) => `'${part}'`).join(' ')
  await writeFile(join(directory, 'holdfast'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  const script = `set -e\ntrap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT\n${commands}`
  const shell = spawn('bash', ['-c', script], {
    cwd: directory,
    env: {
      ...process.env,
      PATH: `${directory}${delimiter}${process.env['PATH']}`,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => shell.kill('SIGTERM'), limitMs)
  try {
    const [said, complaint] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
    return { code: shell.exitCode, said, complaint }
  } finally {
    clearTimeout(timer)
  }
}
