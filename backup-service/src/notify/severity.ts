/** How urgent a notification is, mildest first. */
export const SEVERITIES = ['info', 'warning', 'critical', 'emergency'] as const
export type Severity = (typeof SEVERITIES)[number]

/** The contract's word for the network (protocol.md 2.5), worst last. */
export const NETWORK_LEVELS = ['healthy', 'recovering', 'degraded', 'critical', 'unavailable'] as const
export type NetworkLevel = (typeof NETWORK_LEVELS)[number]

/** What a level of the whole network is worth to one operator. */
export const SEVERITY_OF_LEVEL = {
  healthy: 'info',
  recovering: 'warning',
  degraded: 'warning',
  critical: 'critical',
  unavailable: 'emergency',
} as const satisfies Record<NetworkLevel, Severity>

const MINUTE = 60_000

/** What has not changed is said again after so long, in milliseconds. */
export const REMIND_AFTER_MS = {
  info: Infinity,
  warning: 24 * 60 * MINUTE,
  critical: 4 * 60 * MINUTE,
  emergency: 60 * MINUTE,
} as const satisfies Record<Severity, number>

/** True where `severity` is `least` or worse. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)
}
