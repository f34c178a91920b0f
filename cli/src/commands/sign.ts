import type { Command } from 'commander'
import { hex, wholeNumber } from '../options.ts'

type Options = { home: string; domain: number; message?: string; hex?: string; json?: true }

/** `holdfast sign`: has the network sign a message, through the node on this machine. */
export function addSign(parent: Command): void {
  parent
    .command('sign')
    .description('have the network sign a message, through a running node on this machine')
    .requiredOption('--home <dir>', "the node's home directory")
    .requiredOption('--domain <id>', 'which distributed key', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--message <text>', 'the message as UTF-8 text')
    .option('--hex <bytes>', 'the message as hex', hex)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The signature is verified as plain Ed25519 before it is printed (exit code 9 if it does not verify).

Examples:
  holdfast sign --home /var/lib/holdfast/node --domain 0 --message 'hello'
  holdfast sign --home /var/lib/holdfast/node --domain 0 --hex 68656c6c6f --json`,
    )
    .action(async (options: Options, command: Command) => {
      if ((options.message === undefined) === (options.hex === undefined)) {
        command.error('error: exactly one of --message and --hex is expected')
      }
      if (options.message === '') {
        command.error("error: --message is empty; to have the empty message signed, say so with --hex ''")
      }
      const { signAndVerify } = await import('../sign-and-verify.ts')
      const message = Buffer.from(options.hex ?? options.message ?? '', options.hex === undefined ? 'utf8' : 'hex')
      const made = await signAndVerify(options.home, options.domain, message)
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
