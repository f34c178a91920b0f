import type { Command } from 'commander'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { printable } from '@holdfast/protocol/printable.ts'
import { publicKey } from '../options.ts'

type Options = { home: string; destinationKey?: Ed25519KeyText; json?: true }

/** `holdfast backup approve`: the second pair of eyes says yes to the restore that waits. */
export function addBackupApprove(parent: Command): void {
  answerCommand(parent, 'approve', 'say yes to the restore that waits (restore_approval: hold)')
    .addHelpText(
      'after',
      `
Approves exactly the recovery or migration that the service has seen: this destination, this request. Compare the destination key with
what your new node prints (holdfast keys --home NODE_HOME) before you approve. Run it as the backup service's user.

Example:
  holdfast backup approve --home /var/lib/holdfast/backup --destination-key ed25519:…`,
    )
    .action(async (options: Options) => {
      const { answer, request } = await answerFrom(options, 'approved')
      if (options.json) return console.log(JSON.stringify(jsonOf(answer)))
      console.log(
        `Approved: the shares go to ${answer.destination} (${printable(request?.url ?? '')}), for the request of ` +
          `${timeOf(answer.requestedAt)} and no other.`,
      )
    })
}

/** `holdfast backup deny`: never to this destination. */
export function addBackupDeny(parent: Command): void {
  answerCommand(parent, 'deny', 'say no to a restore, for good: never to this destination')
    .addHelpText(
      'after',
      `
Works with either policy, during a delivery, and before anybody asked (then --destination-key is needed: the authorisation
that you were told of names it). Deny also stops a delivery that is under way; what was delivered cannot be taken back.

Example:
  holdfast backup deny --home /var/lib/holdfast/backup`,
    )
    .action(async (options: Options) => {
      const { answer } = await answerFrom(options, 'denied')
      if (options.json) return console.log(JSON.stringify(jsonOf(answer)))
      console.log(
        `Denied: no share goes to ${answer.destination}, with this request or any other.\n` +
          'If nobody of yours asked for this, your full-access key is stolen: replace it, cancel the recovery or the ' +
          'migration, and tell the other operators, who can reshare.',
      )
    })
}

function answerCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .requiredOption('--home <dir>', "the backup service's home directory")
    .option('--destination-key <key>', 'the TLS key of the node that would get the shares', publicKey)
    .option('--json', 'print the answer as JSON')
}

type Answer = { destination: Ed25519KeyText; requestedAt: bigint; verdict: 'approved' | 'denied' }

async function answerFrom({ home, destinationKey }: Options, verdict: Answer['verdict']) {
  const { answerRequest } = await import('@holdfast/backup-service/approval/answer-request.ts')
  return answerRequest({ home, verdict, destination: destinationKey })
}

function jsonOf({ destination, requestedAt, verdict }: Answer): Record<string, string> {
  return { destination_tls_public_key: destination, requested_at: String(requestedAt), verdict }
}

function timeOf(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString()
}
