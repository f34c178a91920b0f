import type { Config } from './types.ts'
import { fields, integer } from './validation/arguments.ts'

const THIRTY_DAYS_SECONDS = 30 * 24 * 60 * 60

/** What may be configured: default, least, most. */
const LIMITS: Record<keyof Config, [standard: number, least: number, most: number]> = {
  key_event_timeout_blocks: [30, 1, 1_000_000],
  recovery_timeout_seconds: [86_400, 1, THIRTY_DAYS_SECONDS],
  recovery_cooldown_seconds: [600, 0, THIRTY_DAYS_SECONDS],
  authorization_default_seconds: [86_400, 1, THIRTY_DAYS_SECONDS],
}

/** How long an authorisation may be asked to last. */
export const AUTHORIZATION_SECONDS = { least: 1, most: THIRTY_DAYS_SECONDS }

/** `init_config`: null, or any of the four; the rest are defaults. @throws Refusal */
export function readConfig(value: unknown): Config {
  const names = Object.keys(LIMITS) as (keyof Config)[]
  const given = fields(value ?? {}, 'init_config', names)
  const config: Partial<Config> = {}
  for (const name of names) {
    const [standard, least, most] = LIMITS[name]
    const found = given[name]
    config[name] = found === undefined || found === null ? standard : integer(found, `init_config.${name}`, least, most)
  }
  return config as Config
}
