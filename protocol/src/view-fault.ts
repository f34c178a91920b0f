/** What near/mpc's contract panics with before its `init`; Holdfast's answers `NotInitialized`. */
const NO_DEFAULT = 'Calling default not allowed'

/** NEAR's own words for what is most often wrong with a view, made readable; undefined for all others. */
export function viewFault(reason: string, contractId: string, method: string): string | undefined {
  if (reason.includes('CodeDoesNotExist')) return `there is no contract on the account ${contractId}`
  if (reason.includes('MethodNotFound')) return `the contract on ${contractId} has no method ${method}`
  if (reason.includes(NO_DEFAULT)) return `the contract on ${contractId} is not initialised`
  return undefined
}
