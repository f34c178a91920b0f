import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Runs a build tool in a directory and returns what it printed. Tools get relative paths only, so that nothing of this
 * machine gets into what they write.
 * @throws Error naming the tool and its words
 */
export async function run(program: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') {
      throw new Error(`cannot run ${program}: not installed; run \`npm run bootstrap\`, or install it as that says`, {
        cause: error,
      })
    }
    throw new Error(`${program} failed:\n${(stderr ?? String(error)).slice(0, 4000)}`, { cause: error })
  }
}
