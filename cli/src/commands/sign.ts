import type { Command } from 'commander'
import { messageOf, withMessageOptions, type MessageOptions } from '../message-options.ts'
import { durationUpTo } from '../options.ts'

type Options = MessageOptions & { wait?: number; json?: true }

/** `holdfast sign`: has the network sign a message, through the node on this machine. */
export function addSign(parent: Command): void {
  withMessageOptions(
    parent
      .command('sign')
      .description(
        'have the network sign a message, through a running node on this machine, whose operator consents so',
      ),
  )
    .option('--wait <duration>', 'ask again so long, such as 10m, until enough operators agree', durationUpTo(1))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Asking is consenting: for ten minutes this node signs the same message for the other operators too (holdfast consent).
The signature is verified as plain Ed25519 before it is printed (exit code 9 if it does not verify).

Examples:
  holdfast sign --home /var/lib/holdfast/node --domain 0 --message 'hello' --wait 10m
  holdfast sign --home /var/lib/holdfast/node --domain 0 --hex 68656c6c6f --json`,
    )
    .action(async (options: Options, command: Command) => {
      const message = messageOf(options, command)
      const { signAndVerify } = await import('../sign-and-verify.ts')
      const made = await signAndVerify(options.home, options.domain, message, options.wait ?? 0)
      const { publicKey, signers } = made
      const signature = Buffer.from(made.signature).toString('hex')
      if (options.json) {
        const line = {
          domain: options.domain,
          message: message.toString('hex'),
          signature,
          public_key: publicKey,
          signers,
          verified: true,
        }
        console.log(JSON.stringify(line))
        return
      }
      console.log(`signature   ${signature}
public key  ${publicKey}
signers     ${signers.join(', ')}
verified    as plain Ed25519 under that key`)
    })
}
