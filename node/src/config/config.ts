import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { monitoringSchema } from '@holdfast/protocol/monitoring/monitoring-config.ts'
import { quorumFault } from '@holdfast/protocol/rpc/quorum-size.ts'
import { addressOf } from '../mesh/peer.ts'
import { cosignSchema } from '../cosigning/cosign-config.ts'
import { SHARES_FROM } from '../repair/decide-way.ts'

export const CONFIG_FILE = 'config.json'

const accountId = v.pipe(
  v.string(),
  v.minLength(2),
  v.maxLength(64),
  v.regex(/^(([a-z\d]+[-_])*[a-z\d]+\.)*([a-z\d]+[-_])*[a-z\d]+$/, 'a NEAR account id'),
)
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const httpUrl = v.pipe(
  v.string(),
  v.check((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'a url that starts with http:// or https://'),
)

const fields = v.strictObject({
  account_id: accountId,
  contract_id: accountId,
  rpc_urls: v.pipe(v.array(httpUrl), v.minLength(1)),
  rpc_quorum: v.pipe(v.number(), v.integer(), v.minValue(1)),
  listen: v.strictObject({ host: v.pipe(v.string(), v.minLength(1)), mesh_port: port, keyshares_port: port }),
  url: v.pipe(
    httpUrl,
    v.check((text) => addressOf(text) !== undefined, 'http://host:port, as other nodes reach this one'),
  ),
  poll_interval_ms: v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(60_000)),
  max_view_age_seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400)),
  shares_from: v.optional(v.picklist(SHARES_FROM)),
  backup_encryption_key_hex_file: v.optional(v.pipe(v.string(), v.minLength(1))),
  cosign: v.optional(cosignSchema),
  monitoring: v.optional(monitoringSchema),
})

/** Every field there is, for the test that holds README.md to them. */
export const NODE_CONFIG_FIELDS = fields.entries

const schema = v.pipe(
  fields,
  v.check(
    (config) => quorumFault(config.rpc_quorum, config.rpc_urls.length) === undefined,
    ({ input }) => `field rpc_quorum: ${quorumFault(input.rpc_quorum, input.rpc_urls.length)}`,
  ),
  v.check(
    (config) => new Set(config.rpc_urls).size === config.rpc_urls.length,
    'rpc_urls names an endpoint twice, which would let it agree with itself',
  ),
  v.check(
    (config) => config.listen.mesh_port !== config.listen.keyshares_port,
    'mesh_port and keyshares_port are the same',
  ),
)

/** `<home>/config.json`; README.md describes every field. */
export type NodeConfig = v.InferOutput<typeof schema>

/**
 * Checks a configuration, wherever it comes from.
 * @throws HoldfastError `CONFIG_INVALID` naming the field and what was expected
 */
export function parseNodeConfig(json: unknown, what: string): NodeConfig {
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  throw new HoldfastError(
    'CONFIG_INVALID',
    `cannot use ${what}: ${result.issues.map(describeIssue).join('; ')}; mend it and start again`,
  )
}

/** Reads `<home>/config.json`. @throws HoldfastError `CONFIG_MISSING`, `CONFIG_INVALID` */
export async function readNodeConfig(home: string): Promise<NodeConfig> {
  const path = join(home, CONFIG_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new HoldfastError(
      'CONFIG_MISSING',
      `cannot read ${path}: ${errorMessage(error)}; make a home with "holdfast node init"`,
    )
  }
  let json: Json
  try {
    json = parseJson(text, path)
  } catch (error) {
    throw new HoldfastError('CONFIG_INVALID', `${errorMessage(error)}; mend it and start again`)
  }
  return parseNodeConfig(json, path)
}

/** Writes `<home>/config.json`. */
export async function writeNodeConfig(home: string, config: NodeConfig): Promise<void> {
  await writeDurably(join(home, CONFIG_FILE), `${stringifyJson(config, 2)}\n`)
}

function describeIssue(issue: v.InferIssue<typeof schema>): string {
  const field = v.getDotPath(issue) ?? 'the whole'
  if (issue.type === 'strict_object' && issue.expected === 'never') return `unknown field ${field}`
  if (issue.received === 'undefined') return `missing field ${field}`
  if (issue.path === undefined) return issue.message
  const expected = issue.type === 'check' || issue.type === 'regex' ? issue.message : (issue.expected ?? issue.message)
  // A URL may carry an API key or a password, and a mistyped one still does.
  const found = URL_FIELDS.has(String(issue.path[0].key)) ? '' : `found ${issue.received.slice(0, 80)}, `
  return `field ${field}: ${found}expected ${expected}`
}
const URL_FIELDS = new Set(['rpc_urls', 'url'])
