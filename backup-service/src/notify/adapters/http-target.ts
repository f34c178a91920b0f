import { readSecretFile } from '@holdfast/protocol/secret-file.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { inHome } from '../../home-paths.ts'
import type { SendMessage } from '../ports.ts'
import { requestFor, type Secrets } from '../requests.ts'
import { isAtLeast, type Severity } from '../severity.ts'
import { secretOf, targetNames, urlFault, type SecretSource, type TargetConfig } from '../target-config.ts'
import { postJson } from './https-post.ts'

export const DEFAULT_MIN_LEVEL: Severity = 'warning'
const SEND_DEADLINE_MS = 10_000

export type HttpTargetOptions = {
  home: string
  env: NodeJS.ProcessEnv
  deadlineMs?: number
}

/** The config's targets, each over HTTP. Their secrets are read when a message goes out. */
export function httpTargets(configs: readonly TargetConfig[], options: HttpTargetOptions): SendMessage[] {
  const { home, env, deadlineMs = SEND_DEADLINE_MS } = options
  const names = targetNames(configs)
  return configs.map((config, index) => ({
    name: names[index] ?? config.kind,
    kind: config.kind,
    wants: ({ severity, always, kind }) =>
      always || kind === 'test' || isAtLeast(severity, config.min_level ?? DEFAULT_MIN_LEVEL),
    async send(message, sender, signal) {
      try {
        const request = requestFor(config, await readSecrets(config, home, env), message, sender)
        const fault = URL.canParse(request.url) ? urlFault(new URL(request.url)) : 'it is no URL'
        if (fault !== undefined) return { kind: 'failed', reason: `the address of the target cannot be used: ${fault}` }
        return await postJson(request, deadlineMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        return { kind: 'failed', reason: errorMessage(error) }
      }
    },
  }))
}

async function readSecrets(config: TargetConfig, home: string, env: NodeJS.ProcessEnv): Promise<Secrets> {
  const main = await readSecret(secretOf(config), home, env)
  const bearer = config.kind === 'webhook' ? bearerOf(config) : undefined
  return { main, bearer: bearer && (await readSecret(bearer, home, env)) }
}

function bearerOf({ bearer_file, bearer_env }: Extract<TargetConfig, { kind: 'webhook' }>): SecretSource | undefined {
  if (bearer_file !== undefined) return { file: bearer_file }
  return bearer_env === undefined ? undefined : { env: bearer_env }
}

/** @throws HoldfastError `SECRET_FILE_*`, `NOTIFICATION_SECRET_MISSING`, `NOTIFICATION_SECRET_INVALID` */
async function readSecret(source: SecretSource, home: string, env: NodeJS.ProcessEnv): Promise<string> {
  const where = 'file' in source ? inHome(home, source.file) : `the environment variable ${source.env}`
  const text = 'file' in source ? await readSecretFile(where, 'a notification secret') : env[source.env]
  const secret = text?.trim() ?? ''
  if (secret === '')
    throw new HoldfastError('NOTIFICATION_SECRET_MISSING', `cannot notify: ${where} is empty or not there`)
  if (/[^\x21-\x7e]/.test(secret))
    throw new HoldfastError('NOTIFICATION_SECRET_INVALID', `cannot notify: ${where} holds more than one line or word`)
  return secret
}
