import type { ErrorCode } from '../../src/error-codes.ts'
import type { CallerName } from './callers.ts'
import type { StateName } from './states.ts'

/** What becomes of a call: it is executed, or who refuses it and how. */
export type Outcome =
  | 'allowed'
  /** Allowed, and there is nothing to do or nothing new. */
  | 'no change'
  | ErrorCode
  /** near-sdk-js: a deposit where none belongs. */
  | 'Function is not payable'
  /** The chain: the access key is for other methods. */
  | 'MethodNameMismatch'
  /** The chain: a function-call key cannot attach a deposit. */
  | 'DepositWithFunctionCall'

/** The same in every state, or state by state. */
export type Rule = Outcome | ({ readonly [State in StateName]?: Outcome } & { readonly otherwise: Outcome })

/**
 * What a method says to those whose call reaches it. Who has no line is answered as `ANSWERED_AS` says, so that a line is
 * a difference.
 */
export interface MethodRules {
  readonly kind: 'change' | 'view'
  /**
   * `refused` by the SDK; `proves` the operator's full-access key, which the method wants; `may prove` it; or is `kept`,
   * because the SDK's views do not look at it and the contract cannot: a view that did would fail.
   */
  readonly deposit: 'refused' | 'proves' | 'may prove' | 'kept'
  /** Which limited access keys list it. */
  readonly key: 'none' | 'node' | 'backup service'
  /** What a call through another contract is told, where it is not NOT_DIRECT_CALL. */
  readonly throughOthers?: Outcome
  readonly says: { readonly [Caller in CallerName]?: Rule } & { readonly operator: Rule; readonly outsider: Rule }
}

/** Whose line counts for a caller without one. */
const ANSWERED_AS: { readonly [Caller in CallerName]?: CallerName } = {
  peer: 'operator',
  openKey: 'operator',
  operatorPaysWrongly: 'openKey',
  node: 'openKey',
  oldNode: 'node',
  nextNode: 'node',
  backup: 'openKey',
  candidate: 'outsider',
  former: 'outsider',
  contract: 'outsider',
}

export const INITIALIZING = ['Initializing, no attempt', 'Initializing, attempt under way'] as const
export const RUNNING = ['Running', 'Running, an update voted for'] as const
export const RESHARING = ['Resharing, no attempt', 'Resharing, attempt under way'] as const
export const RECOVERY = ['Recovery of another participant', 'Recovery of this participant'] as const

/** One outcome in these states, WRONG_STATE in the others. */
export function only(states: readonly StateName[], outcome: Outcome): Rule {
  return { ...Object.fromEntries(states.map((state) => [state, outcome])), otherwise: 'WRONG_STATE' }
}

/** A key event of these states that nobody has begun in the first, and that is under way in the second. */
export function attempts(idle: Outcome, underWay: Outcome, of: readonly [StateName, StateName] = INITIALIZING): Rule {
  return { [of[0]]: idle, [of[1]]: underWay, otherwise: 'WRONG_STATE' }
}

/** The same, whichever of the two key events it is. */
export function anyAttempts(idle: Outcome, underWay: Outcome): Rule {
  return {
    [INITIALIZING[0]]: idle,
    [INITIALIZING[1]]: underWay,
    [RESHARING[0]]: idle,
    [RESHARING[1]]: underWay,
    otherwise: 'WRONG_STATE',
  }
}

/** Recovery of another participant in the first state, of this one in the second. */
export function recoveries(another: Outcome, own: Outcome): Rule {
  return { [RECOVERY[0]]: another, [RECOVERY[1]]: own, otherwise: 'WRONG_STATE' }
}

/** Code that has its votes is anybody's to deploy. */
export const ONCE_VOTED: Rule = { [RUNNING[1]]: 'allowed', otherwise: 'UPDATE_NOT_VOTED' }

/** A recovery asked for by a participant or its node. */
export function askFor(outcome: Outcome): Rule {
  return {
    ...(only([...RUNNING, RECOVERY[0]], outcome) as object),
    [RECOVERY[1]]: 'ALREADY_RECOVERING',
    otherwise: 'WRONG_STATE',
  }
}

/** A view, which answers everybody. */
export function open(beforeInit: Outcome): MethodRules {
  const rule: Rule = { NotInitialized: beforeInit, otherwise: 'no change' }
  return { kind: 'view', deposit: 'kept', key: 'none', says: { operator: rule, outsider: rule } }
}

/** What the table says of one call, in the order in which chain, SDK and contract look at it. */
export function outcomeOf(rules: MethodRules, caller: CallerName, state: StateName): Outcome {
  const { kind, deposit, key, says, throughOthers = 'NOT_DIRECT_CALL' } = rules
  if (caller === 'nodePays') return 'DepositWithFunctionCall'
  if (['node', 'oldNode', 'nextNode'].includes(caller) && key !== 'node') return 'MethodNameMismatch'
  if (caller === 'backup' && key !== 'backup service') return 'MethodNameMismatch'
  if (caller === 'operatorPaysWrongly' && deposit === 'refused') return 'Function is not payable'
  if (caller === 'throughRelay' || caller === 'throughParticipant') {
    return kind === 'change' ? throughOthers : ruled(says.outsider, state)
  }
  if (kind === 'change' && state === 'NotInitialized' && says.contract === undefined) return 'NOT_INITIALIZED'
  for (let who: CallerName | undefined = caller; who !== undefined; who = ANSWERED_AS[who]) {
    const rule = says[who]
    if (rule !== undefined) return ruled(rule, state)
  }
  throw new Error(`the table says nothing of ${caller}`)
}

function ruled(rule: Rule, state: StateName): Outcome {
  return typeof rule === 'string' ? rule : (rule[state] ?? rule.otherwise)
}
