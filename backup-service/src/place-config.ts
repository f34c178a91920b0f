import * as v from 'valibot'

const path = v.pipe(v.string(), v.minLength(1))
const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'))

/** Where an S3 client's two secrets come from. */
const s3Credentials = v.variant('kind', [
  /** JSON of mode 0600: `access_key_id`, `secret_access_key`, optionally `session_token`. */
  v.strictObject({ kind: v.literal('file'), path }),
  v.strictObject({ kind: v.literal('environment'), access_key_id: variable, secret_access_key: variable }),
])

/** One place of a repository, as the config names it. */
export const placeSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('directory'), path }),
  v.strictObject({
    kind: v.literal('s3'),
    /** Left out for AWS itself. */
    endpoint: v.optional(
      v.pipe(
        v.string(),
        v.check((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'an http:// or https:// URL'),
      ),
    ),
    region: v.pipe(v.string(), v.minLength(1)),
    bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, 'the name of a bucket')),
    prefix: v.optional(v.pipe(v.string(), v.regex(/^([A-Za-z0-9._-]+\/)*$/, 'names that each end in a slash')), ''),
    credentials: s3Credentials,
    force_path_style: v.optional(v.boolean(), false),
    /** Asked of the bucket for every file, and renewed while its snapshot is not superseded. */
    object_lock: v.optional(
      v.strictObject({
        mode: v.picklist(['governance', 'compliance']),
        days: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(365)),
      }),
    ),
  }),
])

export type PlaceConfig = v.InferOutput<typeof placeSchema>

/** How a place is called in messages and remembered: equal for equal places. */
export function placeName(place: PlaceConfig): string {
  return place.kind === 'directory' ? place.path : `s3://${place.bucket}/${place.prefix}`
}
