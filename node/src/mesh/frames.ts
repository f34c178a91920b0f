import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { LIMITS } from '../limits.ts'

const HEADER_BYTES = 4

/** One frame: the length of the JSON text as 4 bytes big-endian, then the text in UTF-8. @throws HoldfastError `FRAME_TOO_LARGE` */
export function encodeFrame(message: Json): Buffer {
  const body = Buffer.from(stringifyJson(message), 'utf8')
  if (body.length > LIMITS.meshFrameBytes) throw tooLarge(body.length)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

/**
 * Cuts a byte stream into frames. The reader holds at most one frame and one chunk.
 * @throws HoldfastError `FRAME_TOO_LARGE` as soon as a header announces too much, `INVALID_JSON`; the stream is then of no more use
 */
export function createFrameReader(): (chunk: Buffer) => Json[] {
  let pending: Buffer[] = []
  let size = 0
  return (chunk) => {
    pending.push(chunk)
    size += chunk.length
    const frames: Json[] = []
    while (size >= HEADER_BYTES) {
      const header = joined()
      const length = header.readUInt32BE(0)
      if (length > LIMITS.meshFrameBytes) throw tooLarge(length)
      if (size < HEADER_BYTES + length) break
      frames.push(parseJson(header.toString('utf8', HEADER_BYTES, HEADER_BYTES + length), 'a mesh frame'))
      pending = [header.subarray(HEADER_BYTES + length)]
      size -= HEADER_BYTES + length
    }
    return frames
  }

  function joined(): Buffer {
    const whole = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending)
    pending = [whole]
    return whole
  }
}

function tooLarge(length: number): HoldfastError {
  return new HoldfastError(
    'FRAME_TOO_LARGE',
    `cannot exchange a mesh frame of ${length} bytes: the limit is ${LIMITS.meshFrameBytes}; the connection is closed`,
  )
}
