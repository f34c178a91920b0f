import { isIP } from 'node:net'
import * as v from 'valibot'

/** Where only a port is named: metrics and health hold no secret, but say much about an operator. */
export const DEFAULT_MONITORING_HOST = '127.0.0.1'

/** The config field `monitoring`: where metrics and health are served. Port 0 lets the system choose one. */
export const monitoringSchema = v.strictObject({
  host: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => isIP(text) !== 0, 'an IP address of this machine'),
    ),
  ),
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535)),
})
