import type * as S3 from '@aws-sdk/client-s3'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place, PlaceFile } from '../ports.ts'
import { MOST_BYTES } from '../repository/survey.ts'

export type S3Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

export type S3Settings = {
  /** For people and for what is remembered of the place. */
  name: string
  endpoint: string | undefined
  region: string
  bucket: string
  /** Empty, or ending in a slash. */
  prefix: string
  forcePathStyle: boolean
  /** How long an object is locked from the moment it is protected. */
  objectLock: { mode: 'governance' | 'compliance'; days: number } | undefined
}

const CONNECT_MS = 5_000
/** Of one request; the SDK's own repeats come on top, and the caller's deadline ends them all. */
const REQUEST_MS = 10_000
const ATTEMPTS = 2
const DAY_MS = 86_400_000

/**
 * A bucket of S3-compatible object storage, or the part of it below a prefix. What S3 acknowledged is durable there; one more read
 * is the caller's. Where the bucket keeps versions, nothing that is written over or removed by somebody else is gone, and
 * `destroy` removes every version. The SDK is loaded at the first use.
 * @param credentials asked for once, at the first use
 */
export function s3Place(settings: S3Settings, credentials: () => Promise<S3Credentials>): Place {
  const { name, bucket, prefix, objectLock } = settings
  const key = (file: string): string => `${prefix}${file}`
  let connecting: Promise<Connection> | undefined
  const connect = (): Promise<Connection> => (connecting ??= open(settings, credentials))

  async function named<T>(act: string, run: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    let connection: Connection
    try {
      connection = await connect()
    } catch (error) {
      connecting = undefined
      throw error
    }
    try {
      return await run(connection)
    } catch (error) {
      signal.throwIfAborted()
      throw placeError(`${act} the bucket ${bucket}`, error)
    }
  }

  async function versionsOf({ s3, client }: Connection, file: string, signal: AbortSignal): Promise<Version[]> {
    const found: Version[] = []
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {}
    for (;;) {
      const page = await client.send(
        new s3.ListObjectVersionsCommand({ Bucket: bucket, Prefix: key(file), ...marker }),
        { abortSignal: signal },
      )
      for (const { Key, VersionId } of page.Versions ?? [])
        if (Key === key(file)) found.push({ id: VersionId, isMarker: false })
      for (const { Key, VersionId } of page.DeleteMarkers ?? []) {
        if (Key === key(file)) found.push({ id: VersionId, isMarker: true })
      }
      if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return found
      marker = {
        KeyMarker: page.NextKeyMarker,
        ...(page.NextVersionIdMarker !== undefined && { VersionIdMarker: page.NextVersionIdMarker }),
      }
    }
  }

  /** A bucket that never kept versions calls the one that there is `null`, and not every server then takes that name. */
  async function keptVersions(connection: Connection, file: string, signal: AbortSignal): Promise<Version[]> {
    const found = await versionsOf(connection, file, signal)
    return found.every(({ id }) => id === 'null') ? found.map((version) => ({ ...version, id: undefined })) : found
  }

  async function get(
    { s3, client }: Connection,
    file: string,
    id: string | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const version = id === undefined ? {} : { VersionId: id }
    const answer = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key(file), ...version }), {
      abortSignal: signal,
    })
    return readAtMost(MOST_BYTES, file, answer.Body as AsyncIterable<Uint8Array> | undefined)
  }

  return {
    name,
    isLocal: false,
    list: (signal) =>
      named(
        'list',
        async ({ s3, client }) => {
          const files: PlaceFile[] = []
          let ContinuationToken: string | undefined
          do {
            const page = await client.send(
              new s3.ListObjectsV2Command({
                Bucket: bucket,
                Prefix: prefix,
                ...(ContinuationToken !== undefined && { ContinuationToken }),
              }),
              { abortSignal: signal },
            )
            for (const { Key = '', Size = 0 } of page.Contents ?? []) {
              const file = Key.slice(prefix.length)
              if (file !== '' && !file.includes('/')) files.push({ name: file, bytes: Size })
            }
            ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined
          } while (ContinuationToken !== undefined)
          return files
        },
        signal,
      ),
    read: (file, signal) => named(`read ${file} in`, (connection) => get(connection, file, undefined, signal), signal),
    write: (file, content, signal) =>
      named(
        `write ${file} in`,
        async ({ s3, client }) => {
          await client.send(
            new s3.PutObjectCommand({
              Bucket: bucket,
              Key: key(file),
              Body: content,
              ContentLength: content.length,
              ContentType: 'application/octet-stream',
            }),
            { abortSignal: signal },
          )
        },
        signal,
      ),
    destroy: (file, signal) =>
      named(
        `remove ${file} from`,
        async (connection) => {
          const { s3, client } = connection
          const versions = await keptVersions(connection, file, signal).catch((error: unknown) => {
            if (isWithoutVersions(error)) return [{ id: undefined, isMarker: false }]
            throw error
          })
          // Markers last: while one lies on top, what is below is not shown as current.
          for (const { id } of versions.toSorted((a, b) => Number(a.isMarker) - Number(b.isMarker))) {
            const version = id === undefined ? {} : { VersionId: id }
            const remove = new s3.DeleteObjectCommand({ Bucket: bucket, Key: key(file), ...version })
            await client.send(remove, { abortSignal: signal }).catch(async (error: unknown) => {
              throw (await lockOn(connection, { Bucket: bucket, Key: key(file), ...version }, file, signal)) ?? error
            })
          }
        },
        signal,
      ),
    versions: (file, signal) =>
      named(
        `read earlier versions of ${file} in`,
        async (connection) => {
          const found = await keptVersions(connection, file, signal).catch((error: unknown) => {
            if (isWithoutVersions(error)) return []
            throw error
          })
          const contents: Uint8Array[] = []
          for (const { id, isMarker } of found)
            if (!isMarker && id !== undefined) contents.push(await get(connection, file, id, signal))
          return contents
        },
        signal,
      ),
    protect: async (file, signal) => {
      if (objectLock === undefined) return
      await named(
        `lock ${file} in`,
        async ({ s3, client }) => {
          const Retention = {
            Mode: objectLock.mode === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const),
            RetainUntilDate: new Date(Date.now() + objectLock.days * DAY_MS),
          }
          await client.send(new s3.PutObjectRetentionCommand({ Bucket: bucket, Key: key(file), Retention }), {
            abortSignal: signal,
          })
        },
        signal,
      )
    },
    // A write is one request: it is there whole or not at all.
    sweep: async () => undefined,
  }
}

/** A server may say one size and send another. Leaving the loop closes the connection. */
async function readAtMost(
  most: number,
  file: string,
  body: AsyncIterable<Uint8Array> | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > most) {
      const found = `found more than ${most} bytes, which no file of a repository has`
      throw new HoldfastError('PLACE_FAILED', `cannot read ${file}: ${found}; look at what stands there`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

type Version = { id: string | undefined; isMarker: boolean }
type S3Module = typeof S3
type Connection = { s3: S3Module; client: S3.S3Client }

async function open(settings: S3Settings, credentials: () => Promise<S3Credentials>): Promise<Connection> {
  const { endpoint, region, forcePathStyle } = settings
  const [s3, keys] = await Promise.all([import('@aws-sdk/client-s3'), credentials()])
  const client = new s3.S3Client({
    region,
    forcePathStyle,
    credentials: keys,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS, throwOnRequestTimeout: true },
    // Checksums beyond S3's own signature are not understood by every S3-compatible server.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint }),
  })
  return { s3, client }
}

/** Whether what could not be removed is locked, and until when. */
async function lockOn(
  { s3, client }: Connection,
  object: { Bucket: string; Key: string; VersionId?: string },
  file: string,
  signal: AbortSignal,
): Promise<HoldfastError | undefined> {
  try {
    const { Retention } = await client.send(new s3.GetObjectRetentionCommand(object), { abortSignal: signal })
    const until = Retention?.RetainUntilDate
    if (until === undefined || until.getTime() <= Date.now()) return undefined
    return new HoldfastError(
      'PLACE_LOCKED',
      `cannot remove ${file} from the bucket ${object.Bucket}: it is locked until ${until.toISOString()}; it is removed after that`,
    )
  } catch {
    return undefined
  }
}

/** How servers say that they, or this bucket, keep no versions. */
function isWithoutVersions(error: unknown): boolean {
  const { name } = error as Error
  return ['NotImplemented', 'MethodNotAllowed', 'InvalidArgument', 'VersioningNotConfigured'].includes(name)
}

/** The SDK's errors by what an operator can do about them. Never quotes the endpoint: its URL may hold a secret. */
function placeError(act: string, error: unknown): HoldfastError {
  if (isHoldfastError(error)) return error
  const { name, message, $metadata, code } = error as Error & { $metadata?: { httpStatusCode?: number }; code?: string }
  const status = $metadata?.httpStatusCode
  const failed = `cannot ${act}`
  if (name === 'NoSuchBucket') {
    return new HoldfastError('PLACE_MISSING', `${failed}: there is no such bucket; make it, or correct its name`)
  }
  if (name === 'NoSuchKey' || name === 'NoSuchVersion' || (status === 404 && name !== 'NoSuchBucket')) {
    return new HoldfastError('PLACE_FILE_MISSING', `${failed}: there is no such object`)
  }
  if (status === 507 || /quota|insufficientstorage|storagefull|no space left/i.test(`${name} ${message}`)) {
    return new HoldfastError('PLACE_FULL', `${failed}: there is no room left (${name}); free some`)
  }
  if (status === 401 || status === 403 || name === 'CredentialsProviderError') {
    return new HoldfastError(
      'PLACE_REFUSED',
      `${failed}: not allowed (${name}); check the credentials, their rights on the bucket and this machine's clock`,
    )
  }
  if (status === undefined || status >= 500 || status === 429) {
    const why = status === undefined ? (code ?? name) : `HTTP ${status} ${name}`
    return new HoldfastError('PLACE_UNREACHABLE', `${failed}: no good answer (${why}); it is tried again`)
  }
  return new HoldfastError('PLACE_FAILED', `${failed}: HTTP ${status} ${name}`)
}
