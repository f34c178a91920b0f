import { addKeyText, callText } from '../near/near-cli-text.ts'
import type { OperatorAction } from './plan.ts'

export type ActionContext = { accountId: string; contractId: string; network: string }

/** An action as the near-cli-rs command that does the same. */
export function nearCliText(action: OperatorAction, context: ActionContext): string {
  switch (action.kind) {
    case 'add-key':
      return addKeyText({ ...context, ...action })
    case 'call':
      return callText({ ...context, ...action })
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}

/** What an action does, in one line. */
export function describeAction(action: OperatorAction): string {
  switch (action.kind) {
    case 'add-key':
      return `add the access key ${action.publicKey}, for ${action.methods.length} methods`
    case 'call':
      return `call ${action.method}`
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}
