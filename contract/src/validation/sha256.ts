import { fromHex } from '../hex.ts'
import { refuse } from '../refusal.ts'
import { show, text } from './arguments.ts'

const SHA256_BYTES = 32

/** A SHA-256 in lower-case hex. @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function sha256Hex(value: unknown, path: string): string {
  const found = text(value, path)
  if (fromHex(found, SHA256_BYTES) === null) {
    refuse('INVALID_ARGUMENT', `${path} must be ${SHA256_BYTES} bytes in lower-case hex, found ${show(found)}`)
  }
  return found
}
