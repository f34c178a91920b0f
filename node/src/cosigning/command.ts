import { spawn } from 'node:child_process'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { LIMITS } from '../limits.ts'
import type { JudgeMessage, SigningRequest } from '../ports.ts'
import { createLimiter } from '../signing/limiter.ts'

/** The operator's program: an absolute path and arguments; no shell has a part in it. */
export type PolicyCommand = { program: string; args: readonly string[]; deadlineMs: number }

type Run = { kind: 'exited'; code: number } | { kind: 'failed'; how: string }

/**
 * Asks the operator's program: one line of JSON on stdin, `{coordinator, domain_id, key, message_hex}`; exit code 0 agrees,
 * every other ending declines: another code, a signal, a program that does not start, or none within the deadline, which
 * is then killed with all that it has started. Each coordinator's questions wait for each other only.
 */
export function createCommandPolicy({ program, args, deadlineMs }: PolicyCommand, log: Logger): JudgeMessage {
  const say = changeLogger(log)
  const limiters = new Map<string, ReturnType<typeof createLimiter>>()
  return {
    async judge(request, asked) {
      const signal = AbortSignal.any([asked, AbortSignal.timeout(deadlineMs)])
      const limit = limiters.get(request.coordinator) ?? createLimiter({ atATime: LIMITS.policyRunsPerPeer })
      limiters.set(request.coordinator, limit)
      const run = await limit(() => runOnce(request, signal), signal).catch((error: unknown): Run =>
        signal.aborted ? late() : { kind: 'failed', how: errorMessage(error) },
      )
      if (run.kind === 'failed') {
        say('error', 'the cosigning command gave no answer, which declines', { program, reason: run.how })
        return { kind: 'declined', why: 'its policy gave no answer' }
      }
      say('debug', 'the cosigning command answers')
      return run.code === 0 ? { kind: 'agreed' } : { kind: 'declined', why: 'its policy does not allow this message' }
    },
  }

  function runOnce(request: SigningRequest, signal: AbortSignal): Promise<Run> {
    return new Promise((resolve) => {
      // A process group of its own, so that what it has started ends with it.
      const child = spawn(program, [...args], { stdio: ['pipe', 'ignore', 'ignore'], shell: false, detached: true })
      const kill = () => {
        if (child.pid !== undefined) killGroup(child.pid)
        resolve(late())
      }
      child.on('error', (error) => resolve({ kind: 'failed', how: errorMessage(error) }))
      child.on('close', (code, how) => {
        signal.removeEventListener('abort', kill)
        resolve(code === null ? { kind: 'failed', how: `it was ended by ${how}` } : { kind: 'exited', code })
      })
      // A program may answer without reading.
      child.stdin.on('error', () => undefined)
      child.stdin.end(`${stringifyJson(questionOf(request))}\n`)
      signal.addEventListener('abort', kill, { once: true })
      if (signal.aborted) kill()
    })
  }

  function late(): Run {
    return { kind: 'failed', how: `no answer within ${deadlineMs} ms` }
  }
}

function questionOf({ coordinator, domainId, key, message }: SigningRequest) {
  return { coordinator, domain_id: domainId, key, message_hex: Buffer.from(message).toString('hex') }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
