import type { Command } from 'commander'
import { messageOf, withMessageOptions, type MessageOptions } from '../message-options.ts'
import { durationUpTo } from '../options.ts'

type Options = MessageOptions & { for: number; withdraw?: true }

/** `holdfast consent`: lets the node on this machine sign one message with the others. */
export function addConsent(parent: Command): void {
  withMessageOptions(
    parent
      .command('consent')
      .description('let the running node on this machine sign one message, whichever operator has it signed'),
  )
    .option('--for <duration>', 'how long, such as 90s, 10m or 24h', durationUpTo(1), 600)
    .option('--withdraw', 'take the consent back')
    .addHelpText(
      'after',
      `
A node of the policy "own-operator" (cosign in its config.json; the default) signs what its own operator has asked for,
and nothing else. The consent is for exactly this message, as often as it is asked for; a restart of the node ends it.
What the node has declined lately: holdfast node status.

Example:
  holdfast consent --home /var/lib/holdfast/node --domain 0 --message 'hello' --for 1h`,
    )
    .action(async (options: Options, command: Command) => {
      const message = messageOf(options, command)
      const { giveConsent } = await import('@holdfast/node/control-client.ts')
      const seconds = options.withdraw === true ? 0 : options.for
      const until = await giveConsent(options.home, BigInt(options.domain), message, seconds)
      console.log(
        until === undefined
          ? 'The node does not sign this message any more.'
          : `The node signs this message until ${until.toISOString()}.`,
      )
    })
}
