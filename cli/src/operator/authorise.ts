import type { OperatorOptions } from '../commands/operator-options.ts'
import { planAuthorisation } from './plan.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveKeys, resolveTarget } from './target.ts'

export type AuthoriseOptions = OperatorOptions & {
  home?: string
  tlsKey?: string
  signerKey?: string
  expiresIn?: number
  allowance?: bigint
}

export async function authoriseCommand(options: AuthoriseOptions): Promise<void> {
  const { tlsKey, signerKey, home } = await resolveKeys(options, 'node')
  const target = resolveTarget(options, home)
  const actions = planAuthorisation({
    tlsKey,
    signerKey,
    allowanceYocto: options.allowance,
    expiresInSeconds: options.expiresIn,
  })
  await runOperatorCommand(
    options,
    target,
    actions,
    `The node with TLS key ${tlsKey} may now act for ${target.accountId}; start it with holdfast node run.`,
  )
}
