import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/json.ts'

const FOLDER = join(import.meta.dirname, '../../../tests/vectors')

/** A recorded vector file, without losing a digit. */
export function readVectors<T>(name: string): T {
  return parseJson(readFileSync(join(FOLDER, name), 'utf8'), name) as T
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
