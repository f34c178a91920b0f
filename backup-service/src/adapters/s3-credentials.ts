import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'
import { inHome } from '../home-paths.ts'
import type { PlaceConfig } from '../place-config.ts'
import type { S3Credentials } from './s3-place.ts'

const text = v.pipe(v.string(), v.minLength(1))
const schema = v.strictObject({
  access_key_id: text,
  secret_access_key: text,
  session_token: v.optional(text),
})

/**
 * The two secrets of an S3 client, from where the config says.
 * @throws HoldfastError `S3_CREDENTIALS_INVALID` and those of a secret file; never quotes any
 */
export async function readS3Credentials(
  source: Extract<PlaceConfig, { kind: 's3' }>['credentials'],
  home: string,
): Promise<S3Credentials> {
  if (source.kind === 'environment') {
    const accessKeyId = process.env[source.access_key_id]
    const secretAccessKey = process.env[source.secret_access_key]
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey }
    throw invalid(`the environment has no ${accessKeyId ? source.secret_access_key : source.access_key_id}`)
  }
  const file = inHome(home, source.path)
  const result = v.safeParse(schema, parseJson(await readSecretFile(file, 'the S3 credentials'), file))
  if (!result.success) throw invalid(`${file} must have access_key_id and secret_access_key`)
  const { access_key_id, secret_access_key, session_token } = result.output
  return {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    ...(session_token !== undefined && { sessionToken: session_token }),
  }
}

function invalid(found: string): HoldfastError {
  return new HoldfastError('S3_CREDENTIALS_INVALID', `cannot use the S3 credentials: ${found}; correct it`)
}
