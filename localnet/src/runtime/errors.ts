import type { VmFailure } from '../vm/errors.ts'

/** Any of the node's error values, as JSON: a name, or an object with one member. */
export type ErrorJson = string | { readonly [name: string]: unknown }

/** Why an action failed: the whole receipt is undone. `index` is null when no single action is to blame. */
export type ActionError = { readonly index: number | null; readonly kind: ErrorJson }

export const actionErrorJson = ({ index, kind }: ActionError): ErrorJson => ({ ActionError: { index, kind } })

/** The node's `FunctionCallError` for a contract call that stopped. */
export function functionCallError(failure: VmFailure): ErrorJson {
  switch (failure.kind) {
    case 'execution':
      return { ExecutionError: failure.text }
    case 'method_not_found':
      return { MethodResolveError: 'MethodNotFound' }
    case 'method_empty_name':
      return { MethodResolveError: 'MethodEmptyName' }
    case 'method_invalid_signature':
      return { MethodResolveError: 'MethodInvalidSignature' }
    case 'code_does_not_exist':
      return { CompilationError: { CodeDoesNotExist: { account_id: failure.accountId } } }
    case 'prepare':
      return { CompilationError: { PrepareError: failure.problem } }
    case 'link':
      return { LinkError: { msg: failure.message } }
    default:
      throw new TypeError(`unknown failure ${(failure satisfies never as VmFailure).kind}`)
  }
}

/** The same failure as a view shows it: Rust's Debug form. */
export function viewErrorText(failure: VmFailure): string {
  switch (failure.kind) {
    case 'execution':
      return failure.debug
    case 'method_not_found':
      return 'MethodResolveError(MethodNotFound)'
    case 'method_empty_name':
      return 'MethodResolveError(MethodEmptyName)'
    case 'method_invalid_signature':
      return 'MethodResolveError(MethodInvalidSignature)'
    case 'code_does_not_exist':
      return `CompilationError(CodeDoesNotExist { account_id: "${failure.accountId}" })`
    case 'prepare':
      return `CompilationError(PrepareError(${failure.problem}))`
    case 'link':
      return `LinkError { msg: "${failure.message}" }`
    default:
      throw new TypeError(`unknown failure ${(failure satisfies never as VmFailure).kind}`)
  }
}
