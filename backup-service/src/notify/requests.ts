import type { Message, Sender } from './message.ts'
import type { Severity } from './severity.ts'
import type { TargetConfig } from './target-config.ts'

/** An HTTP POST with a JSON body. Its URL and headers hold secrets: they are never logged. */
export type OutgoingRequest = { url: string; headers: Record<string, string>; body: string }

export type Secrets = {
  /** The URL, token or routing key. */
  main: string
  /** A webhook's bearer token. */
  bearer?: string | undefined
}

/** Longest texts that the services take (their API references), less room for an ellipsis. */
const LONGEST = { slack: 3_000, discord: 1_900, telegram: 4_000, pagerdutySummary: 1_000 } as const

const TELEGRAM_API = 'https://api.telegram.org'
const PAGERDUTY_API = 'https://events.pagerduty.com'

/** The message as this kind of target takes it. */
export function requestFor(target: TargetConfig, secrets: Secrets, message: Message, sender: Sender): OutgoingRequest {
  switch (target.kind) {
    case 'webhook':
      return post(secrets.main, genericBody(message, sender), secrets.bearer)
    case 'slack':
      return post(secrets.main, { text: cut(slackText(plainText(message, sender)), LONGEST.slack) })
    case 'discord':
      // Nobody is pinged by a name that happens to stand in a text.
      return post(secrets.main, {
        content: cut(plainText(message, sender), LONGEST.discord),
        allowed_mentions: { parse: [] },
      })
    case 'telegram':
      return post(`${withoutSlash(target.api_url ?? TELEGRAM_API)}/bot${secrets.main}/sendMessage`, {
        chat_id: target.chat_id,
        text: cut(plainText(message, sender), LONGEST.telegram),
        link_preview_options: { is_disabled: true },
      })
    case 'pagerduty':
      return post(
        `${withoutSlash(target.api_url ?? PAGERDUTY_API)}/v2/enqueue`,
        pagerdutyBody(secrets.main, message, sender),
      )
    default:
      target satisfies never
      throw new TypeError('unknown kind of target')
  }
}

/** Holdfast's own form, for receivers that are programs. */
function genericBody(message: Message, { accountId, contractId }: Sender): object {
  const { id, kind, severity, key, title, text, atMs } = message
  return {
    format: 'holdfast/notification/1',
    id,
    kind,
    level: severity,
    key,
    title,
    text,
    at: new Date(atMs).toISOString(),
    account_id: accountId,
    contract_id: contractId,
  }
}

const PAGERDUTY_SEVERITY = {
  info: 'info',
  warning: 'warning',
  critical: 'error',
  emergency: 'critical',
} as const satisfies Record<Severity, string>

/** PagerDuty Events API v2. An event has an incident of its own; a condition's messages share one, which its end resolves. */
function pagerdutyBody(routingKey: string, message: Message, { accountId, contractId }: Sender): object {
  const { id, kind, severity, key, title, text, atMs } = message
  const isOfCondition = kind !== 'event' && kind !== 'test'
  return {
    routing_key: routingKey,
    event_action: kind === 'resolved' ? 'resolve' : 'trigger',
    dedup_key: `holdfast/${accountId}/${isOfCondition ? key : id}`,
    payload: {
      summary: cut(`${accountId}: ${title}`, LONGEST.pagerdutySummary),
      source: accountId,
      severity: PAGERDUTY_SEVERITY[severity],
      timestamp: new Date(atMs).toISOString(),
      component: 'holdfast backup service',
      class: key,
      custom_details: { text, kind, contract_id: contractId },
    },
  }
}

function plainText({ kind, severity, title, text, atMs }: Message, { accountId, contractId }: Sender): string {
  const head = kind === 'resolved' ? 'RESOLVED' : kind === 'test' ? 'TEST' : severity.toUpperCase()
  const again = kind === 'reminder' ? ' (still)' : ''
  return `[${head}]${again} ${title}\n${text}\n${accountId} on ${contractId}, ${new Date(atMs).toISOString()}`
}

/** Slack's three control characters. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function post(url: string, body: object, bearer?: string): OutgoingRequest {
  const headers = {
    'content-type': 'application/json',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  }
  return { url, headers, body: JSON.stringify(body) }
}
