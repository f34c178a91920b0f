import type { IncomingMessage } from 'node:http'
import { LIMITS } from '../limits.ts'

export type Body = { kind: 'whole'; text: string } | { kind: 'tooLarge' } | { kind: 'broken'; why: string }

/** Reads a request's body up to the limit; what is beyond is never kept. */
export async function readBody(request: IncomingMessage, maxBytes: number = LIMITS.keyshareBodyBytes): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving the loop must not destroy the request: its answer is still to be sent on the same socket.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) return { kind: 'tooLarge' }
      chunks.push(chunk)
    }
  } catch (error) {
    return { kind: 'broken', why: (error as Error).message }
  }
  return { kind: 'whole', text: Buffer.concat(chunks).toString('utf8') }
}
