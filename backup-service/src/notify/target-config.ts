import * as v from 'valibot'
import { SEVERITIES } from './severity.ts'

/**
 * Where a secret comes from: a file of mode 0600 (relative to the home), or a variable of the environment. It is read anew
 * for every message, so that an exchanged one is used at once and none stays in memory.
 */
export type SecretSource = { file: string } | { env: string }

const file = v.pipe(v.string(), v.minLength(1))
const env = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'))
const name = v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'up to 32 of a-z, 0-9 and -')))
const common = { name, min_level: v.optional(v.picklist(SEVERITIES)) }
const url = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && urlFault(new URL(text)) === undefined,
    'an https:// URL (http:// on this machine only)',
  ),
)

const kinds = v.variant('kind', [
  v.strictObject({
    ...common,
    kind: v.literal('webhook'),
    url_file: v.optional(file),
    url_env: v.optional(env),
    bearer_file: v.optional(file),
    bearer_env: v.optional(env),
  }),
  v.strictObject({ ...common, kind: v.literal('slack'), url_file: v.optional(file), url_env: v.optional(env) }),
  v.strictObject({ ...common, kind: v.literal('discord'), url_file: v.optional(file), url_env: v.optional(env) }),
  v.strictObject({
    ...common,
    kind: v.literal('telegram'),
    token_file: v.optional(file),
    token_env: v.optional(env),
    chat_id: v.pipe(
      v.string(),
      v.regex(/^(-?[0-9]{1,20}|@[A-Za-z0-9_]{5,32})$/, 'a chat id such as -1001234 or @channel'),
    ),
    /** Another server that speaks Telegram's Bot API. */
    api_url: v.optional(url),
  }),
  v.strictObject({
    ...common,
    kind: v.literal('pagerduty'),
    routing_key_file: v.optional(file),
    routing_key_env: v.optional(env),
    /** PagerDuty's EU region, or another server that speaks its Events API v2. */
    api_url: v.optional(url),
  }),
])

export type TargetConfig = v.InferOutput<typeof kinds>

const MOST_TARGETS = 20

/** The config's `notifications`. */
export const notificationsSchema = v.pipe(
  v.array(
    v.pipe(
      kinds,
      v.check((target) => countSecrets(target) === 1, 'exactly one of its …_file and …_env'),
      v.check(
        (target) => target.kind !== 'webhook' || target.bearer_file === undefined || target.bearer_env === undefined,
        'at most one of bearer_file and bearer_env',
      ),
    ),
  ),
  v.maxLength(MOST_TARGETS),
  v.check((targets) => new Set(targetNames(targets)).size === targets.length, 'a different name for each target'),
)

/** The target's secret: the URL for a webhook, Slack and Discord, else the token or key. */
export function secretOf(target: TargetConfig): SecretSource {
  const [path, variable] = sources(target)
  return path === undefined ? { env: variable ?? '' } : { file: path }
}

/** What each target is called in logs, status and metrics: its name, or its kind, numbered where there are several. */
export function targetNames(targets: readonly TargetConfig[]): string[] {
  return targets.map(({ name, kind }, index) => {
    if (name !== undefined) return name
    const before = targets.slice(0, index).filter((other) => other.kind === kind && other.name === undefined).length
    return before === 0 ? kind : `${kind}-${before + 1}`
  })
}

/** Why nothing may be sent to this URL; undefined where it may. In the clear only to this machine. */
export function urlFault({ protocol, hostname }: URL): string | undefined {
  if (protocol === 'https:') return undefined
  if (protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)) return undefined
  return 'expected https:// (http:// is for a receiver on this machine)'
}

function countSecrets(target: TargetConfig): number {
  return sources(target).filter((source) => source !== undefined).length
}

function sources(target: TargetConfig): [file: string | undefined, env: string | undefined] {
  switch (target.kind) {
    case 'webhook':
    case 'slack':
    case 'discord':
      return [target.url_file, target.url_env]
    case 'telegram':
      return [target.token_file, target.token_env]
    case 'pagerduty':
      return [target.routing_key_file, target.routing_key_env]
    default:
      target satisfies never
      throw new TypeError('unknown kind of target')
  }
}
