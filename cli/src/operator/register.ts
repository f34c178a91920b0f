import type { OperatorOptions } from '../commands/operator-options.ts'
import { networkKindOf } from './network-kind.ts'
import { planRegistrationOn } from './plan-registration.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveKeys, resolveTarget } from './target.ts'

export type RegisterOptions = OperatorOptions & {
  home?: string
  tlsKey?: string
  signerKey?: string
  allowance?: bigint
}

export async function registerCommand(options: RegisterOptions): Promise<void> {
  const { tlsKey, signerKey, home } = await resolveKeys(options, 'backup service')
  const target = resolveTarget(options, home)
  const actions = planRegistrationOn(await networkKindOf(target), {
    tlsKey,
    signerKey,
    allowanceYocto: options.allowance,
  })
  await runOperatorCommand(
    options,
    target,
    actions,
    `${target.accountId}'s node hands its shares to the backup service with TLS key ${tlsKey} from now on; start it with ` +
      `holdfast backup run${options.home === undefined ? '' : ` --home ${options.home}`}.`,
  )
}
