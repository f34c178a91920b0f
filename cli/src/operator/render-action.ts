import { addKeyText, callText, deleteKeysText, deployText, deployUpdateText } from '../near/near-cli-text.ts'
import type { OperatorAction } from './plan.ts'

export type ActionContext = { accountId: string; contractId: string; network: string }

/** An action as the near-cli-rs command that does the same; two, where it adds a key and deletes others. */
export function nearCliText(action: OperatorAction, context: ActionContext): string {
  switch (action.kind) {
    case 'add-key':
      return [
        addKeyText({ ...context, ...action }),
        ...(action.replaces?.length ? [deleteKeysText(context.accountId, action.replaces, context.network)] : []),
      ].join(' && ')
    case 'call':
      return callText({ ...context, ...action })
    case 'deploy-update':
      return deployUpdateText({ ...context, ...action })
    case 'deploy':
      return deployText({ ...context, ...action })
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}

/** What an action does, in one line. */
export function describeAction(action: OperatorAction): string {
  switch (action.kind) {
    case 'add-key':
      return (
        `add the access key ${action.publicKey}, for ${action.methods.length} methods` +
        (action.replaces?.length ? `; delete ${action.replaces.join(', ')}` : '')
      )
    case 'call':
      return `call ${action.method}`
    case 'deploy-update':
      return 'send the voted code, which replaces the contract’s and migrates its state'
    case 'deploy':
      return 'deploy the contract and call init'
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}
