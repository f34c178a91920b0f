import { createHash } from 'node:crypto'
import type { Json } from '@holdfast/protocol/json.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import type { JudgeMessage } from '../ports.ts'

const REMEMBERED = 16
/** What a digest or a short text needs; a longer message is told by its SHA-256. */
const SHOWN_BYTES = 64

/** A policy that remembers what it declined last, so that its operator sees what he is asked for. */
export type WatchedPolicy = JudgeMessage & { declinedLately(): Json }

/**
 * Tells the log when a coordinator begins to be declined and when it is agreed with again, not every message: a dishonest
 * one could ask without end.
 */
export function watchPolicy(policy: JudgeMessage, log: Logger, now: () => number = Date.now): WatchedPolicy {
  const lately: { [field: string]: Json }[] = []
  const saying = new Map<string, ReturnType<typeof changeLogger>>()
  return {
    isTakenBack: (request) => policy.isTakenBack?.(request) ?? false,
    async judge(request, signal) {
      const { coordinator, domainId, message } = request
      const verdict = await policy.judge(request, signal)
      const say = saying.get(coordinator) ?? changeLogger(log)
      saying.set(coordinator, say)
      if (verdict.kind === 'agreed') {
        say('debug', 'signs what a coordinator asks for', { coordinator })
        return verdict
      }
      say('info', 'declines what a coordinator asks it to sign; the status lists it', { coordinator, why: verdict.why })
      lately.unshift({
        coordinator,
        domain_id: domainId,
        ...(message.length <= SHOWN_BYTES
          ? { message_hex: Buffer.from(message).toString('hex') }
          : { message_sha256: createHash('sha256').update(message).digest('hex'), message_bytes: message.length }),
        why: verdict.why,
        at: new Date(now()).toISOString(),
      })
      lately.splice(REMEMBERED)
      return verdict
    },
    declinedLately: () => lately,
  }
}
