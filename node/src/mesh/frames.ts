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
 * Cuts a byte stream into frames. The reader holds one frame, and copies each byte once: a peer that sends single bytes
 * costs no more than one that does not.
 * @throws HoldfastError `FRAME_TOO_LARGE` as soon as a header announces too much, `INVALID_JSON`; the stream is then of no more use
 */
export function createFrameReader(): (chunk: Buffer) => Json[] {
  let frame = Buffer.alloc(HEADER_BYTES)
  let filled = 0
  let isHeader = true
  return (chunk) => {
    const frames: Json[] = []
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(frame, filled, at)
      at += taken
      filled += taken
      if (filled < frame.length) break
      if (isHeader) {
        const length = frame.readUInt32BE(0)
        if (length > LIMITS.meshFrameBytes) throw tooLarge(length)
        frame = Buffer.alloc(length)
      } else {
        frames.push(parseJson(frame.toString('utf8'), 'a mesh frame'))
        frame = Buffer.alloc(HEADER_BYTES)
      }
      filled = 0
      isHeader = !isHeader
    }
    return frames
  }
}

function tooLarge(length: number): HoldfastError {
  return new HoldfastError(
    'FRAME_TOO_LARGE',
    `cannot exchange a mesh frame of ${length} bytes: the limit is ${LIMITS.meshFrameBytes}; the connection is closed`,
  )
}
