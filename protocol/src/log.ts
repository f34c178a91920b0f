import { destination, pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { isHoldfastError } from './errors.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What a log line may carry beside its message: flat, snake_case, scalars; an error under `err`. */
export type LogFields = Record<string, unknown>
type Write = (fields: LogFields, message: string) => void

/** Constant message, flat fields. */
export type Logger = {
  trace: Write
  debug: Write
  info: Write
  warn: Write
  error: Write
  /** A logger that adds fields to each line. */
  child(fields: LogFields): Logger
}

const SECRET_NAME = /seed|secret|private|password|token|mnemonic|plaintext|shares?$|key_hex$|aes/i
const LONGEST_TEXT = 600

/**
 * A logger that writes one JSON object per line, to stderr unless told otherwise, with no buffering: the last line
 * before a crash is on its way when the call returns. Only scalars pass; bytes, objects and fields with a secret's name
 * do not, so that no slip of a caller can print a share.
 */
export function createLogger(options: { name: string; level?: LogLevel; stream?: DestinationStream }): Logger {
  const { name, level = 'info', stream = destination({ dest: 2, sync: true }) } = options
  const timestamp = () => `,"time":"${new Date().toISOString()}"`
  const formatters = { level: (label: string) => ({ level: label }) }
  const serializers = { err: (described: unknown) => described }
  return guard(pino({ level, base: { name }, timestamp, formatters, serializers }, stream))
}

/** Nothing reaches pino but what `safeFields` lets through; a child's fields too, which pino's own formatters miss. */
function guard(log: PinoLogger): Logger {
  return {
    trace: (fields, message) => log.trace(safeFields(fields), message),
    debug: (fields, message) => log.debug(safeFields(fields), message),
    info: (fields, message) => log.info(safeFields(fields), message),
    warn: (fields, message) => log.warn(safeFields(fields), message),
    error: (fields, message) => log.error(safeFields(fields), message),
    child: (fields) => guard(log.child(safeFields(fields))),
  }
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
}

/**
 * Logs transitions, not ticks: a line that says the same as the last one (level, message and fields) is dropped. For the
 * sentence of a loop that repeats; give it only fields whose change is worth a line.
 */
export function changeLogger(
  log: Logger,
): (level: Exclude<LogLevel, 'silent'>, message: string, fields?: LogFields) => void {
  let last = ''
  return (level, message, fields = {}) => {
    const line = JSON.stringify([level, message, safeFields(fields)])
    if (line === last) return
    last = line
    log[level](fields, message)
  }
}

function safeFields(fields: object): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, safeValue(name, value)]))
}

function safeValue(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name) && typeof value !== 'number' && typeof value !== 'boolean') return '[secret]'
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}… (${value.length} characters)` : value
    case 'number':
    case 'boolean':
    case 'undefined':
      return value
    case 'bigint':
      return String(value)
    default:
      if (value === null) return null
      if (value instanceof Error) return describeError(value)
      if (Array.isArray(value) && value.length <= 100 && value.every(isNameOrCount)) return value
      return '[left out]'
  }
}

/** An expected failure needs no stack; the stack of any other says where to look. */
function describeError(error: Error): LogFields {
  const code = (error as { code?: unknown }).code
  return {
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(!isHoldfastError(error) && { stack: error.stack }),
  }
}

function isNameOrCount(value: unknown): boolean {
  return (typeof value === 'string' && value.length <= 200) || typeof value === 'boolean'
}
