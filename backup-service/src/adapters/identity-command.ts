import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'

/** An identity has some two thousand bytes. */
const MOST_BYTES = 65_536

/**
 * What a program prints on its standard output; no shell reads its arguments. Where there is a terminal it may ask
 * and say things there; elsewhere it is silent. Neither its output nor its arguments, which may hold secrets, are ever quoted.
 * @param name names the program in errors
 * @throws HoldfastError `IDENTITY_COMMAND_FAILED`
 */
export async function outputOf(argv: readonly string[], deadlineMs: number, name: string): Promise<string> {
  const [program = '', ...args] = argv
  const terminal = process.stderr.isTTY ? 'inherit' : 'ignore'
  const child = spawn(program, args, { stdio: [terminal, 'pipe', terminal], detached: !process.stderr.isTTY })
  const chunks: Buffer[] = []
  let bytes = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MOST_BYTES) return void chunks.push(chunk)
    endAll(child.pid)
    child.kill('SIGKILL')
  })
  try {
    const [code, signal] = (await withDeadline(() => once(child, 'close'), deadlineMs, undefined, name)) as [
      number | null,
      string | null,
    ]
    if (bytes > MOST_BYTES) throw failed(name, `it printed more than ${MOST_BYTES} bytes`)
    if (code !== 0)
      throw failed(name, signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`)
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    if (isHoldfastError(error, 'IDENTITY_COMMAND_FAILED')) throw error
    if (isHoldfastError(error, 'DEADLINE_EXCEEDED')) throw failed(name, `it did not end within ${deadlineMs / 1_000} s`)
    throw failed(name, `it cannot be started (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`)
  } finally {
    endAll(child.pid)
    child.kill('SIGKILL')
    for (const chunk of chunks) chunk.fill(0)
  }
}

/** Whatever the program has started too, where it leads a group of its own. */
function endAll(pid: number | undefined): void {
  if (pid === undefined || process.stderr.isTTY) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

function failed(name: string, found: string): HoldfastError {
  return new HoldfastError(
    'IDENTITY_COMMAND_FAILED',
    `cannot get the age identity from ${name}: ${found}; run it by hand as this user, and see age_identity in the config`,
  )
}
