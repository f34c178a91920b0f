/** The log levels a command offers; spelled out here so that `--help` loads no logger. */
export const LOG_LEVEL_NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
