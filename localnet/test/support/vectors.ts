import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type HttpRequest = {
  method: string
  path: string
  headers: Record<string, string>
  body_text?: string
}

/** One case recorded from a real node: either plain HTTP, or JSON-RPC. */
export type NodeCase = {
  case: string
  http?: HttpRequest
  request?: { jsonrpc: string; id: string; method: string; params: unknown } | '(large)'
  status?: number
  content_type?: string | null
  text?: string
  json?: unknown
  response?: unknown
  seen?: readonly Record<string, number>[]
}

const PATH = join(import.meta.dirname, '..', '..', '..', 'tests', 'vectors', 'near-rpc-node.json')

/** The 116 cases of tests/vectors/near-rpc-node.json, in the order they were recorded. */
export const nodeCases = (): NodeCase[] => JSON.parse(readFileSync(PATH, 'utf8')) as NodeCase[]
