import type { Command } from 'commander'
import { hex, wholeNumber } from './options.ts'

/** What a command that is about one message under one key is given. */
export type MessageOptions = { home: string; domain: number; message?: string; hex?: string }

/** Adds `--home`, `--domain`, `--message` and `--hex`. */
export function withMessageOptions(command: Command): Command {
  return command
    .requiredOption('--home <dir>', "the node's home directory")
    .requiredOption('--domain <id>', 'which distributed key', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--message <text>', 'the message as UTF-8 text')
    .option('--hex <bytes>', 'the message as hex', hex)
}

/** The message that is given; anything but exactly one ends the command with the usage code. */
export function messageOf({ message, hex: bytes }: MessageOptions, command: Command): Buffer {
  if ((message === undefined) === (bytes === undefined)) {
    command.error('error: exactly one of --message and --hex is expected')
  }
  if (message === '') command.error("error: --message is empty; for the empty message say so with --hex ''")
  return Buffer.from(bytes ?? message ?? '', bytes === undefined ? 'utf8' : 'hex')
}
